import { expect, onTestFinished, test } from 'vitest'
import { type Renewal, type RenewDeps, renewTokens } from '#functions/maintain/renew.ts'
import { sealWith } from '#shared/cloud/seal.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { sealedAbout, storeCredential } from '#shared/db/tables/credentials.ts'
import { AccountGone, RetryableError } from '#shared/errors.ts'
import { openSpare } from '#shared/runtime/spare.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTestDatabase } from '../setup/database.ts'
import { unstopped } from '../setup/signal.ts'

const key = Buffer.alloc(32, 9)
const seal = sealWith(key)

/** TikTok's token endpoint: each refresh token works once. */
function openPlatform() {
  const spent = new Set<string>()
  const asked: string[] = []
  let isClosed = false
  const renewal: Renewal = {
    platform: 'tiktok',
    aheadMinutes: 75,
    appRemedy: 'look at the app',
    renew: async (token) => {
      asked.push(token)
      if (isClosed || spent.has(token))
        throw new AccountGone('refused', 'reauth_required', { code: 'invalid_grant', isCertain: true })
      spent.add(token)
      return { access: `access of ${token}`, access_s: 7_200, refresh: `${token}+`, refresh_s: 15_552_000 }
    },
  }
  return {
    renewal,
    asked,
    spent,
    close: (closed: boolean) => {
      isClosed = closed
    },
  }
}

/** Accounts with tokens that end within minutes. */
async function open(accounts: number) {
  const { db, url, clock } = await openTestDatabase()
  for (let number = 1; number <= accounts; number += 1) {
    const [row] = await db.rows<{ id: string }>(sql`
      insert into accounts (platform, native_id, access_mode) values ('tiktok', ${`open-${number}`}, 'own_oauth') returning id`)
    const account_id = row?.id ?? ''
    const sealed = seal.seal(
      JSON.stringify({ access: 'old', refresh: `r${number}` }),
      sealedAbout('tiktok', account_id),
    )
    await storeCredential(db, {
      platform: 'tiktok',
      account_id,
      sealed,
      access_s: 600,
      refresh_s: 9_000_000,
      scopes: [],
    })
  }
  const spare = openSpare(url)
  onTestFinished(() => {
    for (const { name } of spare.all()) spare.remove(name)
  })
  const log = openLogger({ level: 'silent' })
  const deps: RenewDeps = { db, key, spare, log, patienceMs: 1 }
  const held = async () => {
    const rows = await db.rows<{ sealed: Buffer; account_id: string }>(
      sql`select sealed, account_id from credentials order by account_id`,
    )
    return rows.map(
      (row) => JSON.parse(seal.open(row.sealed, sealedAbout('tiktok', row.account_id))).refresh as string,
    )
  }
  const states = () =>
    db.rows(sql`
      select a.status, c.status as credential, c.renewing_since is not null as unsettled, c.status_reason as reason
      from accounts a join credentials c on c.account_id = a.id order by a.id`)
  const later = (minutes: number) => clock.jumpTo(new Date(clock.now().getTime() + minutes * 60_000))
  return { db, url, deps, held, states, later }
}

const well = { status: 'active', credential: 'ok', unsettled: false, reason: null }

/** A database to which new tokens cannot be written, for so many tries. */
function refusing(db: Db, times: number): Db {
  let left = times
  const refuse =
    (rows: Db['rows']): Db['rows'] =>
    (statement) => {
      if (!statement.text.includes('set sealed =') || left <= 0) return rows(statement)
      left -= 1
      return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
    }
  return {
    ...db,
    rows: refuse(db.rows),
    transaction: (work, patienceMs) =>
      db.transaction((tx) => work({ ...tx, rows: refuse(tx.rows) }), patienceMs),
  }
}

test('a database that is away for a while loses no token: what was won is stored when it is back', async () => {
  const { db, deps, held, states } = await open(3)
  const { renewal } = openPlatform()
  const troubled = { ...deps, db: refusing(db, 9) }
  // What was not spent when the trouble began is left to the next call.
  const renewed = await renewTokens(troubled, renewal, unstopped)
  expect(renewed).toBeGreaterThan(0)
  expect(renewed + (await renewTokens(troubled, renewal, unstopped))).toBe(3)
  expect(await held()).toEqual(['r1+', 'r2+', 'r3+'])
  expect(await states()).toEqual([well, well, well])
})

test('while new tokens cannot be stored nothing further is spent, and the next call of the instance stores them', async () => {
  const { db, deps, held, states, later } = await open(12)
  const { renewal, asked } = openPlatform()
  expect(await renewTokens({ ...deps, db: refusing(db, 1_000) }, renewal, unstopped)).toBe(0)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.length).toBeLessThanOrEqual(4)
  expect(deps.spare.all()).toHaveLength(asked.length)
  // What the instance holds is sealed.
  expect(JSON.stringify(deps.spare.all())).not.toMatch(/access of|refresh\\?":/)
  expect((await states()).filter(({ unsettled }: { unsettled?: boolean }) => unsettled)).toHaveLength(
    asked.length,
  )
  await later(6)
  await renewTokens(deps, renewal, unstopped)
  expect(deps.spare.all()).toEqual([])
  expect((await states()).every((state) => JSON.stringify(state) === JSON.stringify(well))).toBe(true)
  for (const token of await held()) expect(token).toMatch(/^r\d+\+{1,2}$/)
})

test('another process of the instance finds what the one before held', async () => {
  const { db, deps, held, states, url, later } = await open(1)
  const { renewal } = openPlatform()
  await renewTokens({ ...deps, db: refusing(db, 1_000) }, renewal, unstopped)
  await later(6)
  await renewTokens({ ...deps, spare: openSpare(url) }, renewal, unstopped)
  expect(await states()).toEqual([well])
  expect(await held()).toEqual(['r1++'])
})

test('what is lost all the same is called lost by us, and no refusal by its owner', async () => {
  const { db, deps, states, later } = await open(4)
  const { renewal, spent } = openPlatform()
  // The process dies with what it held.
  const spare = { put: () => undefined, all: () => [], remove: () => undefined }
  await renewTokens({ ...deps, spare, db: refusing(db, 1_000) }, renewal, unstopped)
  const lost = spent.size
  expect(lost).toBeGreaterThan(0)
  await later(6)
  await renewTokens(deps, renewal, unstopped)
  const refused = (await states()).filter((state) => JSON.stringify(state) !== JSON.stringify(well))
  expect(refused).toHaveLength(lost)
  for (const state of refused)
    expect(state).toMatchObject({
      status: 'reauth_required',
      credential: 'reauth_required',
      reason: expect.stringContaining('its new tokens were lost'),
    })
})

test('an answer that was lost on its way leaves the row unsettled, and harms nothing when the token was not spent', async () => {
  const { deps, states, later } = await open(1)
  const { renewal } = openPlatform()
  const lost = async () => {
    throw new RetryableError('no answer', { reason: 'unreachable', maybeDone: true })
  }
  await renewTokens(deps, { ...renewal, renew: lost }, unstopped)
  expect(await states()).toEqual([{ ...well, unsettled: true }])
  await later(6)
  expect(await renewTokens(deps, renewal, unstopped)).toBe(1)
  expect(await states()).toEqual([well])
})

test('a refusal of every token is the fault of the app; of one it is its owner’s, who is asked again ever more rarely', async () => {
  const { db, deps, states, later } = await open(4)
  const platform = openPlatform()
  platform.close(true)
  await renewTokens(deps, platform.renewal, unstopped)
  expect(await states()).toEqual([well, well, well, well])
  expect(await db.rows(sql`select platform, code from app_faults`)).toEqual([
    { platform: 'tiktok', code: 'invalid_grant' },
  ])
  platform.close(false)
  platform.spent.add('r2')
  await later(6)
  expect(await renewTokens(deps, platform.renewal, unstopped)).toBe(3)
  expect((await states())[1]).toMatchObject({ status: 'reauth_required', reason: 'refused' })
  const looks: number[] = []
  for (const days of [1, 1, 7, 30]) {
    const before = platform.asked.filter((token) => token === 'r2').length
    await later(days * 24 * 60 + 5)
    await renewTokens(deps, platform.renewal, unstopped)
    looks.push(platform.asked.filter((token) => token === 'r2').length - before)
  }
  expect(looks).toEqual([1, 0, 1, 1])
  platform.spent.delete('r2')
  await later(31 * 24 * 60)
  await renewTokens(deps, platform.renewal, unstopped)
  expect((await states())[1]).toEqual(well)
})

test('tokens refused before, and tried again together, prove nothing of the app', async () => {
  const { db, deps, states, later } = await open(4)
  const platform = openPlatform()
  for (const token of ['r1', 'r2', 'r3']) platform.spent.add(token)
  await db.rows(sql`
    update credentials set status = 'reauth_required', looks = 1, look_at = app_now(), access_expires_at = app_now() - interval '1 day'
    where account_id < 4`)
  await db.rows(
    sql`update credentials set access_expires_at = app_now() + interval '2 days' where account_id = 4`,
  )
  await renewTokens(deps, platform.renewal, unstopped)
  expect(platform.asked.sort()).toEqual(['r1', 'r2', 'r3'])
  expect(await db.rows(sql`select from app_faults`)).toEqual([])
  await later(24 * 60)
  await renewTokens(deps, platform.renewal, unstopped)
  // The next look of these is a week later.
  expect(platform.asked.filter((token) => token === 'r1')).toHaveLength(1)
  expect((await states())[3]).toEqual(well)
})

test('tokens that go on being refused alike are after a day a matter of their owners', async () => {
  const { db, deps, states, later } = await open(3)
  const platform = openPlatform()
  platform.close(true)
  for (let round = 0; round < 147; round += 1) {
    await renewTokens(deps, platform.renewal, unstopped)
    if (round === 140) expect(await states()).toEqual([well, well, well])
    await later(10)
  }
  for (const state of await states())
    expect(state).toMatchObject({ status: 'reauth_required', reason: 'refused' })
  const looks = await db.rows(sql`select distinct looks from credentials`)
  expect(looks).toEqual([{ looks: 1 }])
})

test('what an instance holds and cannot read stops no token', async () => {
  const { deps, states } = await open(1)
  deps.spare.put('1', '{"id": "1", "spe')
  expect(await renewTokens(deps, openPlatform().renewal, unstopped)).toBe(1)
  expect(await states()).toEqual([well])
  expect(deps.spare.all()).toEqual([])
})
