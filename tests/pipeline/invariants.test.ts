import { expect, test } from 'vitest'
import { raw } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

/** By invariant: a statement that breaks it. */
const breaches: Readonly<Record<string, string>> = {
  'no two contents wait for the same job of the provider': `
    update ml_jobs set provider_job_id = 'same', status = 'submitted', finished_at = null`,
  'nothing is missed or deleted but by a whole walk, or by an answer to its id': `
    update posts set status = 'missing', missing_since = app_now(), miss_count = 1, missed_by = 999`,
  'no post is deleted that was not missed twice': `
    update posts set status = 'deleted', missing_since = app_now(), miss_count = 1`,
  'the latest numbers are those of the newest row of the history': `update post_latest set views = views + 1`,
  'no row of the history repeats the one before within a day': `
    insert into post_metrics select (m).* from (
      select jsonb_populate_record(m, jsonb_build_object('observed_at', m.observed_at + interval '1 second')) as m
      from post_metrics m) n`,
  'no account is set aside for good: each is looked at again within a month, or a person holds it': `
    update accounts set status = 'private', next_sync_at = 'infinity'`,
  'an account keeps its posts: another account that shows one is noted beside it': `
    update posts set account_id = case account_id when 1 then 2 else 1 end`,
  'no watermark lies in the future': `update accounts set watermark = '9999-12-31'`,
  'no token is spent for a day without a new one or a word about it': `
    insert into credentials (platform, sealed, scopes, renewing_since)
    values ('instagram', '', '{}', app_now() - interval '2 days')`,
}

test.for(Object.entries(breaches))('verify finds it when broken: %s', async ([invariant, breach]) => {
  const world = await openTestWorld({ observations: fewAccounts(2) })
  await world.syncAll()
  expect(await verify(world.db)).toEqual([])
  await world.db.rows(raw(breach))
  expect((await verify(world.db)).map(({ name }) => name)).toContain(invariant)
})
