import pg from 'pg'
import { expect, test } from 'vitest'
import { readConfig as read } from '#shared/runtime/config.ts'
import { databaseUrl } from '#shared/runtime/database-url.ts'
import { secretsOf } from '#shared/runtime/secrets.ts'
import { functionOf } from '../../local/functions.ts'

const readConfig = (name: string, env: Record<string, string>) => read(name, functionOf(name).settings, env)
const ofYoutube = functionOf('extract-youtube').settings

test('every fault of the settings is named at once, and no value is shown', () => {
  const env = { DATABASE_URL: 'mysql://secret@x', LOG_LEVEL: 'loud', API_KEY: 'short-secret' }
  let message = ''
  try {
    readConfig('sync', env)
  } catch (error) {
    message = String(error)
  }
  for (const name of [
    'DATABASE_URL',
    'LOG_LEVEL',
    'API_KEY',
    'QUEUE_ACCESS_KEY_ID',
    'EXTRACT_YOUTUBE_QUEUE_URL',
  ]) {
    expect(message).toContain(name)
  }
  expect(message).not.toContain('secret')
})

test('a secret so short that it could stand in innocent text is refused', () => {
  const env = { DATABASE_URL: 'postgres://x@127.0.0.1/y', TIKTOK_CLIENT_SECRET: 'nord1' }
  expect(() => readConfig('maintain', env)).toThrow(
    /TIKTOK_CLIENT_SECRET: a secret of 12 characters at least/,
  )
  expect(secretsOf(ofYoutube, { YOUTUBE_API_KEY: 'nord1' })).toEqual([])
})

test('a function reads only its own settings, with defaults for the rest', () => {
  const config = readConfig('maintain', {
    DATABASE_URL: 'postgres://x@127.0.0.1/y',
    API_KEY: 'not for maintain',
  })
  expect(config).toMatchObject({
    DATABASE_URL: 'postgres://x@127.0.0.1/y',
    DATABASE_POOL: 2,
    LOG_LEVEL: 'info',
  })
})

test('a password that is not percent-encoded right is a secret all the same', () => {
  expect(secretsOf(ofYoutube, { DATABASE_URL: 'postgres://u:p%zz-long-word@h/x' })).toContain(
    'p%zz-long-word',
  )
})

test('a password beside the address of the database is the one that is used, whatever it is made of', () => {
  const DATABASE_URL = 'postgresql://social_sync_run@db.example:6432/social_sync'
  for (const DATABASE_PASSWORD of ['simple', 'a@b:c/d?e#f', 'p%2Fq %', 'пароль']) {
    const client = new pg.Client({ connectionString: databaseUrl({ DATABASE_URL, DATABASE_PASSWORD }) })
    expect(client).toMatchObject({ user: 'social_sync_run', password: DATABASE_PASSWORD, port: 6432 })
  }
  expect(databaseUrl({ DATABASE_URL })).toBe(DATABASE_URL)
})

test('an address with a name or password in it is refused by its name, and its value is not shown', () => {
  const env = { ML_URL: 'https://me:word-of-mine@ml.example', MEDIA_URL: 'https://token@pictures.example' }
  const reading = () => readConfig('poll', env)
  for (const name of ['ML_URL', 'MEDIA_URL']) expect(reading).toThrow(`${name}: has a name or password in it`)
  expect(reading).not.toThrow('word-of-mine')
})
