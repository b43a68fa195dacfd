import { expect, test } from 'vitest'
import { runCopy } from '#functions/copy/run.ts'
import { sql } from '#shared/db/sql.ts'
import { recognisePicture } from '#shared/db/tables/known-pictures.ts'
import { doomEnded } from '#shared/db/tables/media-copies.ts'
import { claimToSubmit } from '#shared/db/tables/ml-jobs/claimed.ts'
import { RetryableError, Stopped } from '#shared/errors.ts'
import { openBucket } from '#shared/media/bucket.ts'
import type { FetchPicture } from '#shared/media/fetch-picture.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { draw } from '../../local/simulators/pictures/draw.ts'
import { openTestDatabase } from '../setup/database.ts'
import { unstopped } from '../setup/signal.ts'

const keys = { accessKeyId: 'local', secretAccessKey: 'local-secret-key' }

/** A video whose cover a model looks at, and whose copy is wanted. */
async function openWanted() {
  const { db } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('tiktok', 'u', 'own_oauth')`,
  )
  await db.rows(
    sql`insert into posts (account_id, platform, native_id, published_at) values (1, 'tiktok', 'v', app_now())`,
  )
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url, content_key)
    values (1, 'cover', 0, 'image', 'https://p16.tiktokcdn.com/a', md5('a')::uuid)`)
  await db.rows(sql`insert into media_copies (content_key, platform) values (md5('a')::uuid, 'tiktok')`)
  return db
}

test('jobs wait for the copies of their pictures without being taken, and for a day at most', async () => {
  const db = await openWanted()
  await db.rows(sql`insert into ml_jobs (content_key, kind, model) values (md5('a')::uuid, 'image', 'm')`)
  expect((await claimToSubmit(db, 'ml', 10)).jobs).toEqual([])
  expect(await db.rows(sql`select attempts from ml_jobs`)).toEqual([{ attempts: 0 }])
  await db.rows(sql`update media_copies set wanted_at = app_now() - interval '25 hours'`)
  expect((await claimToSubmit(db, 'ml', 10)).jobs).toHaveLength(1)
})

test('the end of a call and trouble of the bucket are not a try of the picture; one that ends the process is given up', async () => {
  const db = await openWanted()
  const bucket = openBucket({ fetch, url: 'http://127.0.0.1:1', name: 'pictures', region: 'r', ...keys })
  const log = openLogger({ level: 'fatal' })
  const fetchPicture: FetchPicture = async () => ({ bytes: draw('a', null), type: 'image/jpeg' })
  const copy = (fetching = fetchPicture) =>
    runCopy({ db, log, random: () => 0, bucket, fetchPicture: fetching, byLooks: false }, unstopped)
  const state = () => db.rows(sql`select status, attempts from media_copies`)
  for (let time = 0; time < 3; time += 1) {
    await copy()
    await db.rows(sql`update media_copies set next_at = app_now()`)
  }
  await copy(async () => Promise.reject(new Stopped('no time')))
  expect(await state()).toEqual([{ status: 'wanted', attempts: 0 }])
  await db.rows(sql`update media_copies set next_at = app_now(), attempts = 10`)
  await copy()
  expect(await state()).toEqual([{ status: 'failed', attempts: 11 }])
  // What the lost answer of the bucket may have left there is removed in time.
  await db.rows(sql`update media_copies set wanted_at = app_now() - interval '9 days'`)
  expect(await doomEnded(db, [{ platform: 'tiktok', most_days: 0 }], 10)).toBe(1)
})

test('a bucket in trouble costs no picture a try, and the jobs wait', async () => {
  const bucket = openBucket({
    fetch,
    url: 'http://127.0.0.1:1',
    name: 'pictures',
    region: 'ru-central1',
    ...keys,
  })
  await expect(bucket.put('a', { bytes: Buffer.from('a'), type: 'image/jpeg' })).rejects.toThrow(
    RetryableError,
  )
  const at = new Date('2026-11-01T00:00:00Z')
  expect(await bucket.presign('a', at)).toBe(await bucket.presign('a', at))
  expect(await bucket.presign('a', at)).toContain('X-Amz-Date=20261101T000000Z')
})

test('what a lost answer of the bucket may have left of a picture that is known is removed', async () => {
  const db = await openWanted()
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url, content_key)
    values (1, 'thumbnail', 1, 'image', 'https://p16.tiktokcdn.com/b', md5('b')::uuid)`)
  const bytes = { sha256: Buffer.alloc(32, 1), looks: null }
  const [known, wanted] = ['92eb5ffee6ae2fec3ad71c777531578f', '0cc175b9c0f1b6a831c399e269772661']
  expect(await recognisePicture(db, known, bytes)).toBe(false)
  await db.rows(sql`update media_copies set object = 'tiktok/a'`)
  expect(await recognisePicture(db, wanted, bytes)).toBe(true)
  expect(await db.rows(sql`select status, object from media_copies`)).toEqual([
    { status: 'doomed', object: 'tiktok/a' },
  ])
})
