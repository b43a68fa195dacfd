import { expect, test } from 'vitest'
import type { Queryable } from '#shared/db/pool.ts'
import { raw } from '#shared/db/sql.ts'
import { invariantNames, verify } from '#shared/db/views/verify.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

/** By invariant: statements that break it. */
const breaches: Readonly<Record<string, readonly string[]>> = {
  'every record of a page is accounted for': [`update raw_pages set normalised = normalised + 1`],
  'quarantined records are counted on their page': [
    `update raw_pages set quarantined = quarantined + 1, normalised = normalised - 1`,
  ],
  'one effect per task, endpoint, walk and page': [
    `alter table raw_pages drop constraint raw_pages_sync_task_id_endpoint_walk_page_no_key`,
    `update raw_pages set endpoint = 'videos', walk = 1, page_no = 1`,
  ],
  'the cursor is never ahead of the pages kept': [
    `update sync_tasks set cursor = jsonb_set(cursor, '{page_no}', '99')`,
  ],
  'tasks, pages and posts are of the platform of their account': [`update posts set platform = 'tiktok'`],
  'every page that is yet to be read has its body': [
    `update raw_pages set status = 'parked'`,
    `delete from raw_bodies`,
  ],
  'bodies outside of PostgreSQL that were given up are deleted within a day': [
    `insert into doomed_bodies (body_key, noted_at) values (gen_random_uuid(), app_now() - interval '25 hours')`,
  ],
  'every submitted ML job has an id of the provider': [`update ml_jobs set provider_job_id = null`],
  'one annotation per content, kind and model version': [
    `alter table annotations drop constraint annotations_pkey`,
    `insert into annotations select * from annotations`,
  ],
  'no done ML job without an annotation': [`delete from annotations`],
  'no find of a model without its annotation': [`update ml_finds set model_version = 'other'`],
  'no brand is found in what is not on record, and none that is not listed': [
    `insert into caption_brands (post_id, brand_id) select id, 77 from posts limit 1`,
  ],
  'no ML job is open but the newest attempt at its content': [
    `insert into ml_jobs (content_key, kind, model, attempt_no) select content_key, kind, model, attempt_no + 1 from ml_jobs`,
    `update ml_jobs set status = 'submitted', finished_at = null where attempt_no = 1`,
  ],
  'every content of a post that a model looks at has an ML job, or a plan for one': [
    `update post_media set content_key = md5('another')::uuid where content_key is not null`,
  ],
  'no two jobs wait for the same job of a provider': [
    `update ml_jobs set provider_job_id = 'same', status = 'submitted', finished_at = null`,
  ],
  'no window is overspent by us': [
    `alter table quota_windows drop constraint quota_windows_check`,
    `update quota_windows set used = "limit" + 1`,
  ],
  'no post is deleted that was not missed twice': [
    `update posts set status = 'deleted', missing_since = app_now(), miss_count = 1`,
  ],
  'nothing is missed or deleted but by a whole walk, or by an answer to its id': [
    `update posts set status = 'missing', missing_since = app_now(), miss_count = 1, missed_by = 999`,
  ],
  'no request waits for a task that will make no further one': [`update sync_tasks set again = true`],
  'no finished task has a page still stored': [`update raw_pages set status = 'stored', settled_at = null`],
  'no open task has nothing open for two ticks': [
    `update sync_tasks set status = 'enriching', finished_at = null, touched_at = app_now() - interval '1 hour'`,
  ],
  'no row of an erased account is left': [`update accounts set status = 'erased'`],
  'no walk of an unfollowed account goes on': [
    `update accounts set status = 'unfollowed'`,
    `update sync_tasks set status = 'queued', finished_at = null, walk_outcome = null, walk_ended_at = null where id = (select min(id) from sync_tasks)`,
  ],
  'no row is in a default partition': [
    `insert into post_metrics (post_id, observed_at) select id, '1999-01-01' from posts`,
  ],
  'the latest numbers are those of the newest row of the history': [
    `update post_latest set views = views + 1`,
  ],
  'no row of the history repeats the one before within a day': [
    `insert into post_metrics select (m).* from (
       select jsonb_populate_record(m, jsonb_build_object('observed_at', m.observed_at + interval '1 second')) as m
       from post_metrics m) n`,
  ],
  'no account is set aside for good: each is looked at again within a month, or a person holds it': [
    `update accounts set status = 'private', next_sync_at = 'infinity'`,
  ],
  'an account keeps its posts: another account that shows one is noted beside it': [
    `update posts set account_id = case account_id when 1 then 2 else 1 end`,
  ],
  'no watermark lies in the future': [`update accounts set watermark = '9999-12-31'`],
  'every token given to a platform for renewal is settled within a day': [
    `insert into credentials (platform, sealed, scopes, renewing_since)
     values ('instagram', '', '{}', app_now() - interval '2 days')`,
  ],
  'no row about a post is left without it, and no post without its account': [
    `insert into post_hashtags (post_id, source, position, tag, tag_norm) values (-1, 'text', 0, 'a', 'a')`,
  ],
  'no plan and no wait for an ML job is left without its task, and no wait without its job': [
    `insert into ml_waits (content_key, sync_task_id) select content_key, -1 from ml_jobs`,
  ],
  'every post has its newest-seen row': [`delete from post_latest`],
}

class RolledBack extends Error {}

test('verify finds each invariant that is broken', async () => {
  const world = await openTestWorld({ observations: fewAccounts(2) })
  await world.syncAll()
  expect(await verify(world.db)).toEqual([])
  const found = async (tx: Queryable, statements: readonly string[]) => {
    for (const statement of statements) await tx.rows(raw(statement))
    return (await verify(tx)).map(({ name }) => name)
  }
  for (const invariant of invariantNames) {
    let names: readonly string[] = []
    const breaking = world.db.transaction(async (tx) => {
      names = await found(tx, breaches[invariant] ?? [])
      throw new RolledBack()
    })
    await expect(breaking, invariant).rejects.toThrow(RolledBack)
    expect(names, invariant).toContain(invariant)
  }
  expect(await verify(world.db)).toEqual([])
})

test.for(['accounts', 'posts', 'sync_tasks', 'post_media', 'ml_jobs'])(
  'rows of %s that are deleted by plain SQL, as code of an earlier release does, leave no strays',
  async (table) => {
    const world = await openTestWorld({ observations: fewAccounts(1) })
    await world.syncAll()
    await world.db.rows(raw(`delete from ${table}`))
    const strays = (await verify(world.db)).filter(({ name }) => name.includes('is left without'))
    expect(strays).toEqual([])
  },
)
