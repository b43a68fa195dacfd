import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { RetryableError } from '#shared/errors.ts'
import { idOf, people } from '../setup/instagram.ts'
import { type Change, openTestWorld } from '../setup/world.ts'

const sealed = Buffer.from('sealed by KMS')
const env = {
  CREDENTIALS_KEY: undefined,
  CREDENTIALS_SEALED_KEY: sealed.toString('base64'),
  KMS_KEY_ID: 'key-1',
}

/** Accounts read by their owners, where the data key is opened by KMS. */
async function open(decrypt: (keyId: string, ciphertext: Buffer) => Promise<Buffer>) {
  const observations = people([{ username: 'one', posts: 1 }])
  const world = await openTestWorld({ observations, platforms: ['instagram'], env })
  await world.db.rows(sql`update accounts set access_mode = 'own_oauth', next_sync_at = app_now()`)
  await world.consent(idOf('one'))
  const change: Change = (_name, ports) => ({ ...ports, decrypt })
  return { world, opened: await world.open(change) }
}

test('tokens are opened with the key that KMS opens, which is asked once per instance', async () => {
  const asked: unknown[] = []
  const { world, opened } = await open(async (keyId, ciphertext) => {
    asked.push([keyId, ciphertext.toString()])
    return Buffer.alloc(32, 7)
  })
  expect(await opened.runOnce()).toMatchObject({ posts: 1, tasks: { done: 1 } })
  expect(await opened.runOnce()).toMatchObject({ posts: 1, tasks: { done: 2 } })
  await opened.close()
  expect(asked).toEqual([['key-1', 'sealed by KMS']])
  expect(world.failures).toEqual([])
})

test('while KMS refuses, tasks wait and maintain goes on with everything else; nothing fails', async () => {
  let refusals = 0
  const { world, opened } = await open(async () => {
    refusals += 1
    if (refusals < 4) throw new RetryableError('KMS refuses', { reason: 'credential' })
    return Buffer.alloc(32, 7)
  })
  await opened.cloud.triggers.tick('maintain')
  await opened.cloud.triggers.tick('extract-instagram')
  expect(await world.db.rows(sql`select status, reason from sync_tasks`)).toEqual([
    { status: 'waiting', reason: 'token' },
  ])
  expect(await world.db.rows(sql`select status from accounts`)).toEqual([{ status: 'active' }])
  expect(await opened.runOnce()).toMatchObject({ posts: 1, tasks: { done: 1 } })
  await opened.close()
  expect(world.failures).toEqual([])
})
