import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { simulatedMl } from '../../local/cloud.ts'
import { openApi } from '../setup/api.ts'
import { cli as run } from '../setup/cli.ts'
import { fewAccounts } from '../setup/world.ts'

const key = 'k'.repeat(32)
const models = { text: 'text-v1', image: 'image-v1' }
const ml = (setting: object = {}) => ({ ML_PROVIDERS: simulatedMl({ usd: 0.5, models, ...setting }) })

async function open(setting: object = {}) {
  const opened = await openApi({ observations: fewAccounts(1), env: ml(setting) })
  const cli = (...args: string[]) => run(args, { SOCIAL_SYNC_URL: opened.url, SOCIAL_SYNC_API_KEY: key })
  return { ...opened, cli, db: opened.world.db }
}

interface Summary {
  readonly jobs: { state: string; kind: string; count: number }[]
  readonly days: { kind: string; sent: number; usd: number; lost: number }[]
}

test('the summary says how many jobs are in each state, and what the day has cost by the price in the settings', async () => {
  const { db, opened, call, cli } = await open()
  await opened.runOnce()
  const { body } = await call('GET', '/v1/ml-jobs/summary')
  const { days, jobs } = body as unknown as Summary
  const [sent] = await db.rows<{ count: number }>(sql`select count(*)::int as count from ml_jobs`)
  expect(jobs).toEqual([])
  expect(days.reduce((sum, one) => sum + one.sent, 0)).toBe(sent?.count)
  for (const { sent: many, usd } of days) expect(usd).toBeCloseTo(many * 0.5)
  expect(body).toMatchObject({ unserved: ['image_text', 'nsfw'], held: [] })
  expect(await call('GET', '/v1/overview')).toMatchObject({
    body: { ml_unserved: ['image_text', 'nsfw'] },
  })
  expect((await cli('ml')).stdout).toMatch(
    /no ML job is open[\s\S]*\$\d+\.\d\d[\s\S]*no provider does image_text, nsfw/,
  )
})

test('a job says why it waits: its day is used up, its provider rests, or it is at work', async () => {
  const { db, opened, call } = await open()
  await opened.runOnce()
  const listed = async () =>
    (
      (await call('GET', '/v1/ml-jobs?limit=200')).body as unknown as {
        items: { id: string; waits_for: string }[]
      }
    ).items
  await db.rows(
    sql`update ml_jobs set status = 'planned', provider_job_id = null, next_at = app_now(), finished_at = null, error = null`,
  )
  await db.rows(sql`insert into quota_windows (pool, window_start, used, "limit")
    values ('ml.day', date_trunc('day', app_now() at time zone 'UTC') at time zone 'UTC', 5, 5)
    on conflict (pool, window_start) do update set used = 5, "limit" = 5`)
  expect(new Set((await listed()).map(({ waits_for }) => waits_for.replace(/\d.*/, '')))).toEqual(
    new Set(['what may be sent to ml in a day is sent: it goes on at ']),
  )
  await db.rows(sql`update quota_windows set used = 0`)
  expect((await listed())[0]?.waits_for).toBe('it is sent with the next tick')
  await db.rows(sql`
    insert into quota_windows (pool, window_start, used, "limit", blocked_until)
    values ('ml.submit', app_now(), 0, 1, app_now() + interval '1 hour')`)
  expect((await listed())[0]?.waits_for).toMatch(/^nothing is sent to ml until \d{4}-/)
  await db.rows(sql`update ml_jobs set provider = 'gone'`)
  expect((await listed())[0]?.waits_for).toMatch(/^no provider gone is in the settings/)
})

test('jobs are cancelled one by one or all of a cause; their tasks end, and the content is not asked for again', async () => {
  const { db, opened, call, cli } = await open()
  await opened.runOnce()
  await db.rows(sql`
    update ml_jobs set status = 'failed', parked = true, error = '{"code": "refused", "message": "no"}' where kind = 'image'`)
  await db.rows(sql`delete from annotations where kind = 'image'`)
  await db.rows(sql`delete from ml_finds where kind = 'image'`)
  const [job] = await db.rows<{ id: string }>(sql`select id from ml_jobs where parked order by id limit 1`)
  const [parked] = await db.rows<{ count: number }>(
    sql`select count(*)::int as count from ml_jobs where parked`,
  )
  expect(await cli('ml', '--cancel', job?.id ?? '')).toMatchObject({ code: 0 })
  expect(
    await call('POST', '/v1/ml-jobs/cancel', { state: 'parked', reason: 'refused', dry_run: true }),
  ).toMatchObject({ body: { matched: (parked?.count ?? 0) - 1, cancelled: 0 } })
  expect(await call('POST', '/v1/ml-jobs/cancel', { state: 'parked', reason: 'refused' })).toMatchObject({
    body: { cancelled: (parked?.count ?? 0) - 1, sample: [{ kind: 'image' }, {}, {}, {}, {}] },
  })
  expect(
    await db.rows(sql`select distinct status, error ->> 'code' as code from ml_jobs where kind = 'image'`),
  ).toEqual([{ status: 'cancelled', code: 'cancelled' }])
  // Its page planned once more, as when a post is rewritten with the same picture.
  await db.rows(sql`
    insert into ml_plans (raw_page_id, sync_task_id, post_ids, content_keys, kinds, contents)
    select raw_page_id, max(sync_task_id), array_agg(post_id), array_agg(content_key), array_agg('image'::text), count(*)::int from (
      select p.raw_page_id, m.post_id, m.content_key, (select max(id) from sync_tasks) as sync_task_id
      from post_media m join posts p on p.id = m.post_id where m.content_key is not null) c
    group by raw_page_id`)
  await opened.cloud.triggers.tick('poll')
  expect(await db.rows(sql`select from ml_jobs where kind = 'image' and status <> 'cancelled'`)).toEqual([])
  expect(await verify(db)).toEqual([])
})

test('a task whose open jobs are all cancelled is done', async () => {
  const { db, opened, call } = await open()
  await opened.runOnce()
  await db.rows(
    sql`update ml_jobs set status = 'submitted', finished_at = null, next_at = app_now() + interval '1 hour'`,
  )
  await db.rows(sql`delete from annotations`)
  await db.rows(sql`delete from ml_finds`)
  await db.rows(sql`update sync_tasks set status = 'enriching', finished_at = null`)
  const { body } = await call('POST', '/v1/ml-jobs/cancel', {})
  expect((body as unknown as { cancelled: number }).cancelled).toBeGreaterThan(0)
  expect(await db.rows(sql`select from sync_tasks where status <> 'done'`)).toEqual([])
  expect(await call('POST', '/v1/ml-jobs/cancel', {})).toMatchObject({ body: { matched: 0, cancelled: 0 } })
  expect(await verify(db)).toEqual([])
})
