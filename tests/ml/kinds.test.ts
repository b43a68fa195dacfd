import { expect, test } from 'vitest'
import { runPoll } from '#functions/poll/run.ts'
import { runSubmit } from '#functions/submit/run.ts'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { planContents } from '#shared/db/tables/ml-plans.ts'
import { verify } from '#shared/db/views/verify.ts'
import { RetryableError } from '#shared/errors.ts'
import type { MlProvider, Sending } from '#shared/ml/provider.ts'
import type { MlKind, MlRoute } from '#shared/model/ml-job.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTestDatabase } from '../setup/database.ts'
import { sendingTo, taking } from '../setup/ml.ts'
import { unstopped } from '../setup/signal.ts'

const log = openLogger({ level: 'fatal' })
const random = () => 0

/** Posts of one task, each with a text and a cover of its own, planned for these kinds by one page. */
async function openPlanned(posts: number, kinds: readonly MlKind[]) {
  const { db, clock } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, native_id, access_mode) values ('youtube', 'UC1', 'public_key')`,
  )
  await db.rows(sql`
    insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at)
    values (1, 'youtube', 'schedule', 'full', 'enriching', 'whole', app_now())`)
  await addPosts(db, posts, kinds)
  return { db, clock }
}

async function addPosts(db: Db, posts: number, kinds: readonly MlKind[]): Promise<void> {
  const made = await db.rows<{ id: string; text: string; picture: string }>(sql`
    insert into posts (account_id, platform, native_id, published_at, title, text_key)
    select 1, 'youtube', gen_random_uuid(), app_now(), 'text ' || n, md5('text ' || n)::uuid from generate_series(1, ${posts}::int) n
    returning id, text_key as text, md5('picture ' || title)::uuid as picture`)
  await db.rows(sql`
    insert into post_media (post_id, role, position, kind, url, content_key)
    select id, 'cover', 0, 'image', 'https://i.ytimg.com/' || id,
      case when ${kinds.some((kind) => kind !== 'text')}::boolean then md5('picture ' || title)::uuid end from posts
    where id = any(${made.map(({ id }) => id)}::bigint[])`)
  await db.rows(sql`
    update posts set text_key = null where not ${kinds.includes('text')}::boolean`)
  await db.rows(sql`
    insert into post_latest (post_id, observed_at) select id, app_now() from posts on conflict do nothing`)
  const page = { raw_page_id: made[0]?.id ?? '', sync_task_id: '1' }
  await db.transaction((tx) =>
    planContents(
      tx,
      made.flatMap(({ id, text, picture }) =>
        kinds.map((kind) => ({
          ...page,
          post_id: id,
          kind,
          content_key: kind === 'text' ? text : picture,
        })),
      ),
    ),
  )
}

const minute = (pool: string) => ({ pool, limit: 600, period: 'minute', zone: 'UTC' }) as const

/** A sender of that name that notes what it is sent. */
function provider(name: string, answer: MlProvider['submit'] = taking.submit) {
  const sent: { kind: string; model: string; key: string }[] = []
  const it: MlProvider = {
    ...taking,
    submit: (request, signal) => {
      sent.push({ kind: request.kind, model: request.model, key: request.key })
      return answer(request, signal)
    },
    ask: async (ids) =>
      new Map(ids.map((id) => [id, { state: 'done', result: { items: [] }, modelVersion: null }])),
  }
  const sender: Sending = {
    ...{ name, provider: it, window: minute(`${name}.submit`), attempts: 8, deadlineMs: 86_400_000 },
  }
  return { sent, sender, asker: { name, provider: it, window: minute(`${name}.ask`) } }
}

const route = (kind: MlKind, of: string, model = 'm'): MlRoute => ({ kind, provider: of, model })
const statuses = (db: Db) =>
  db.rows<{ status: string }>(
    sql`select provider, kind, status, count(*)::int as count from ml_jobs group by 1, 2, 3 order by 1, 2, 3`,
  )

test('a picture is looked at by each kind once, each by its own provider, and its task ends when all are done', async () => {
  const { db } = await openPlanned(2, ['text', 'image', 'image_text'])
  const [a, b] = [provider('a'), provider('b')]
  const routes = [route('text', 'a'), route('image', 'a'), route('image_text', 'b')]
  await runSubmit({ db, random, senders: [a.sender, b.sender], routes }, unstopped)
  expect(a.sent.map(({ kind }) => kind).sort()).toEqual(['image', 'image', 'text', 'text'])
  expect(b.sent.map(({ kind }) => kind)).toEqual(['image_text', 'image_text'])
  expect(new Set([...a.sent, ...b.sent].map(({ key }) => key)).size).toBe(6)
  const askers = [a.asker, b.asker]
  await db.rows(sql`update ml_jobs set next_at = app_now() where provider = 'a'`)
  expect(await runPoll({ db, log, random, askers, routes, askMs: 1_000 }, unstopped)).toMatchObject({
    asked: 4,
    finished: [],
  })
  await db.rows(sql`update ml_jobs set next_at = app_now() where status = 'submitted'`)
  expect(await runPoll({ db, log, random, askers, routes, askMs: 1_000 }, unstopped)).toMatchObject({
    asked: 2,
    finished: ['1'],
  })
  expect(
    await db.rows(sql`select kind, count(*)::int as count from post_annotations group by 1 order by 1`),
  ).toEqual([
    { kind: 'image', count: 2 },
    { kind: 'image_text', count: 2 },
    { kind: 'text', count: 2 },
  ])
  // The same contents in other posts are not sent again.
  await addPosts(db, 2, ['text', 'image', 'image_text'])
  await runSubmit({ db, random, senders: [a.sender, b.sender], routes }, unstopped)
  expect(a.sent.length + b.sent.length).toBe(6)
  expect(await verify(db)).toEqual([])
})

test('a provider that is away pauses its own calls alone', async () => {
  const { db } = await openPlanned(3, ['text', 'image_text'])
  const away = provider('away', () =>
    Promise.reject(new RetryableError('answered 502', { scope: 'pool', reason: 'provider' })),
  )
  const well = provider('well')
  const routes = [route('text', 'away'), route('image_text', 'well')]
  await runSubmit({ db, random, senders: [away.sender, well.sender], routes }, unstopped)
  expect(await statuses(db)).toEqual([
    { provider: 'away', kind: 'text', status: 'planned', count: 3 },
    { provider: 'well', kind: 'image_text', status: 'submitted', count: 3 },
  ])
  expect(await db.rows(sql`select pool from quota_windows where blocked_until > app_now()`)).toEqual([
    { pool: 'away.submit' },
  ])
  expect(await db.rows(sql`select attempts from ml_jobs where provider = 'away'`)).toEqual(
    Array(3).fill({ attempts: 0 }),
  )
})

test('a kind that no provider serves stays planned for a week, should it be served again, and its task ends then', async () => {
  const { db, clock } = await openPlanned(2, ['text', 'image_text'])
  const { sender, sent } = provider('a')
  const text = { db, random, senders: [sender], routes: [route('text', 'a')] }
  for (let time = 0; time < 2; time += 1) await runSubmit(text, unstopped)
  expect(sent.map(({ kind }) => kind)).toEqual(['text', 'text'])
  expect(await db.rows(sql`select kinds, contents from ml_plans`)).toEqual([
    { kinds: ['image_text', 'image_text'], contents: 2 },
  ])
  expect(await verify(db)).toEqual([])
  const both = { ...text, routes: [route('text', 'a'), route('image_text', 'a')] }
  const { db: other } = await openPlanned(2, ['image_text'])
  await runSubmit({ ...text, db: other }, unstopped)
  await runSubmit({ ...both, db: other }, unstopped)
  expect(sent).toHaveLength(4)
  await db.rows(sql`update ml_jobs set status = 'failed', finished_at = app_now()`)
  await clock.jumpTo(new Date(clock.now().getTime() + 8 * 86_400_000))
  expect(await runSubmit(text, unstopped)).toMatchObject({ sent: 0, finished: ['1'] })
  expect(await db.rows(sql`select from ml_plans`)).toEqual([])
})

test('jobs of a provider that left the settings go to the one that does their kind; what it was sent is given up in time', async () => {
  const { db, clock } = await openPlanned(2, ['text'])
  const { sender, asker } = provider('b')
  const gone = provider('gone')
  const poll = { db, log, random, askers: [asker], routes: [route('text', 'b', 'other')], askMs: 1_000 }
  await runSubmit({ db, random, senders: [sender], routes: [route('text', 'gone')] }, unstopped)
  expect(await statuses(db)).toEqual([{ provider: 'gone', kind: 'text', status: 'planned', count: 2 }])
  await db.rows(sql`update ml_jobs set next_at = app_now() + interval '1 hour' where id = 2`)
  await runSubmit({ db, random, senders: [gone.sender], routes: [] }, unstopped)
  expect(gone.sent).toHaveLength(1)
  await clock.jumpTo(new Date(clock.now().getTime() + 3_600_000))
  await runPoll(poll, unstopped)
  expect(await db.rows(sql`select provider, model, status from ml_jobs order by id`)).toEqual([
    { provider: 'gone', model: 'm', status: 'submitted' },
    { provider: 'b', model: 'other', status: 'planned' },
  ])
  await db.rows(
    sql`update ml_jobs set status = 'done', finished_at = app_now(), provider_job_id = 'x' where id = 2`,
  )
  await clock.jumpTo(new Date(clock.now().getTime() + 86_400_000))
  expect(await runPoll(poll, unstopped)).toMatchObject({ finished: ['1'] })
  expect(await db.rows(sql`select status, error ->> 'code' as code from ml_jobs where id = 1`)).toEqual([
    { status: 'expired', code: 'deadline' },
  ])
})

test('of several jobs that departed providers leave for a content one goes on, and none where the new model has its own', async () => {
  const { db } = await openPlanned(3, [])
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, provider, status, finished_at)
    select md5(key)::uuid, 'text', model, provider, status, case status when 'failed' then app_now() end from (values
      ('a', 'm1', 'gone', 'planned'), ('a', 'm2', 'away', 'planned'), ('b', 'm1', 'gone', 'planned'), ('b', 'new', 'b', 'failed')
    ) v(key, model, provider, status)`)
  const { asker } = provider('b')
  const poll = { db, log, random, askers: [asker], routes: [route('text', 'b', 'new')], askMs: 1_000 }
  await runPoll(poll, unstopped)
  expect(await db.rows(sql`select provider, model, status from ml_jobs order by id`)).toEqual([
    { provider: 'b', model: 'new', status: 'planned' },
    { provider: 'b', model: 'm2', status: 'cancelled' },
    { provider: 'b', model: 'm1', status: 'cancelled' },
    { provider: 'b', model: 'new', status: 'failed' },
  ])
})

test('no more jobs are sent in a day than may be, and the rest is the next day', async () => {
  const { db, clock } = await openPlanned(12, ['text'])
  const { sent, sender } = provider('a')
  const daily = { pool: 'a.day', limit: 10, period: 'day', zone: 'UTC' } as const
  const deps = { db, random, senders: [{ ...sender, daily }], routes: [route('text', 'a')] }
  const { until } = await runSubmit(deps, unstopped)
  expect(sent).toHaveLength(10)
  expect(until?.toISOString().slice(11)).toBe('00:00:00.000Z')
  if (until) await clock.jumpTo(until)
  await runSubmit(deps, unstopped)
  expect(sent).toHaveLength(12)
})

test('a newer model looks at what comes from then on, beside what the older one found', async () => {
  const { db } = await openPlanned(1, ['text'])
  const { sent, sender, asker } = provider('a')
  const look = async (model: string) => {
    await runSubmit({ db, random, senders: [sender], routes: [route('text', 'a', model)] }, unstopped)
    await db.rows(sql`update ml_jobs set next_at = app_now() where status = 'submitted'`)
    await runPoll(
      { db, log, random, askers: [asker], routes: [route('text', 'a', model)], askMs: 1_000 },
      unstopped,
    )
  }
  await look('old')
  await addPosts(db, 1, ['text'])
  await look('new')
  expect(sent.map(({ model }) => model)).toEqual(['old', 'new'])
  expect(await db.rows(sql`select post_id, model_version from post_annotations order by 1, 2`)).toEqual([
    { post_id: '1', model_version: 'new' },
    { post_id: '1', model_version: 'old' },
    { post_id: '2', model_version: 'new' },
    { post_id: '2', model_version: 'old' },
  ])
  expect(await verify(db)).toEqual([])
})

test('the same id from two providers is two jobs; from one it is a mix-up', async () => {
  const { db } = await openPlanned(1, ['text', 'image'])
  const same: MlProvider['submit'] = async () => ({ jobId: 'j1', afterMs: undefined })
  const [a, b] = [provider('a', same), provider('b', same)]
  const routes = [route('text', 'a'), route('image', 'b')]
  await runSubmit({ db, random, senders: [a.sender, b.sender], routes }, unstopped)
  expect((await statuses(db)).map(({ status }) => status)).toEqual(['submitted', 'submitted'])
  const { db: other } = await openPlanned(1, ['text', 'image'])
  await runSubmit({ db: other, random, ...sendingTo({ ...taking, submit: same }) }, unstopped)
  expect((await statuses(other)).map(({ status }) => status).sort()).toEqual(['failed', 'submitted'])
})
