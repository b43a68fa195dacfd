/**
 * Rows as release 0.1 wrote them, and its statements as far as they touch what the next one changed. Posts: 1-4 of account 1,
 * 5 and 6 of account 2; 7 has the same text as 5.
 */
const posts = [
  [1, 1, 'planned'],
  [2, 1, 'lost'],
  [3, 1, 'asked'],
  [4, 1, 'failed'],
  [5, 2, 'shared'],
  [6, 2, 'finished'],
  [7, 1, 'shared'],
] as const

/** By ML job: its text, from which its key is made. */
export const texts: readonly (readonly [number, string])[] = [
  [1, 'planned'],
  [2, 'lost'],
  [3, 'asked'],
  [4, 'failed'],
  [5, 'shared'],
  [6, 'finished'],
]

const video = (id: string, title: string) => ({
  kind: 'youtube#video',
  id,
  snippet: {
    publishedAt: '2026-10-01T00:00:00Z',
    channelId: 'UC3',
    title,
    description: '',
    liveBroadcastContent: 'none',
  },
  contentDetails: { duration: 'PT1M', definition: 'hd' },
  status: { privacyStatus: 'public', uploadStatus: 'processed' },
  statistics: { viewCount: '5' },
})
const body = JSON.stringify({
  kind: 'youtube#videoListResponse',
  items: [video('v8', 'finished'), video('v9', 'of now')],
}).replaceAll("'", "''")

const page = (task: number, status: string, no: number) => `
  insert into raw_pages (sync_task_id, account_id, platform, endpoint, lane, walk, page_no, status, fetched_at, body_bytes, body_sha256, settled_at,
    transform_version, records_in, normalised, unchanged, stale, duplicate, quarantined)
  select ${task}, ${task}, 'youtube', 'videos', 'schedule', 1, ${no}, '${status}', app_now(), 1, '\\x00',
    ${status === 'stored' ? 'null, null, null, null, null, null, null, null' : 'app_now(), 3, 0, 0, 0, 0, 0, 0'}`

export const rows: readonly string[] = [
  `insert into accounts (platform, native_id, access_mode) select 'youtube', 'UC' || n, 'public_key' from generate_series(1, 3) n`,
  `insert into sync_tasks (account_id, platform, lane, mode, status, walk_outcome, walk_ended_at, finished_at, cursor)
   values (1, 'youtube', 'schedule', 'full', 'enriching', 'whole', app_now(), null, '{"walk": 1, "page_no": 0, "lookups": 0}'),
     (2, 'youtube', 'schedule', 'full', 'done', 'whole', app_now(), app_now(), '{"walk": 1, "page_no": 0, "lookups": 0}'),
     (3, 'youtube', 'schedule', 'full', 'transforming', 'whole', app_now(), null, '{"walk": 1, "page_no": 0, "lookups": 0}')`,
  ...posts.map(
    ([id, account, text]) => `
    insert into posts (account_id, platform, native_id, class, title, published_at)
    values (${account}, 'youtube', 'v${id}', 'video', '${text}', app_now() - interval '10 days')`,
  ),
  `insert into post_latest (post_id, observed_at) select id, app_now() - interval '1 hour' from posts`,
  `insert into post_media (post_id, role, position, kind, url) values (5, 'cover', 0, 'image', 'https://i.ytimg.com/vi/v5/hq.jpg')`,
  `insert into ml_jobs (input_key, kind, model, status, input, provider_job_id, submitted_at, finished_at, claim_token, attempts, due_at, model_version)
   values ('1', 'text', 'm', 'planned', '{"text": "planned"}', null, null, null, 0, 0, app_now(), null),
     ('2', 'text', 'm', 'submitting', '{"text": "lost"}', null, null, null, 1, 1, app_now(), null),
     ('3', 'text', 'm', 'submitted', '{"text": "asked"}', 'old-3', app_now(), null, 1, 1, app_now(), null),
     ('4', 'text', 'm', 'failed', '{"text": "failed"}', null, null, app_now(), 1, 1, app_now(), null),
     ('5', 'text', 'm', 'done', '{"text": "shared"}', 'old-5', app_now(), app_now(), 2, 1, app_now(), 'm@1'),
     ('6', 'text', 'm', 'done', '{"text": "finished"}', 'old-6', app_now(), app_now(), 2, 1, app_now(), 'm@1'),
     (repeat('ab', 32), 'image', 'i', 'done', '{"media": [{"url": "https://i.ytimg.com/vi/v5/hq.jpg"}]}', 'old-7', app_now(), app_now(), 2, 1, app_now(), 'm@1')`,
  `insert into ml_job_targets (ml_job_id, post_id, media_id, sync_task_id)
   values (1, 1, null, 1), (2, 2, null, 1), (3, 3, null, 1), (4, 4, null, 1), (5, 5, null, 2), (6, 6, null, 2), (5, 7, null, 2),
     (7, 5, 1, 1)`,
  page(3, 'stored', 1),
  page(3, 'parked', 2),
  `insert into raw_bodies (raw_page_id, fetched_on, body)
   select id, (fetched_at at time zone 'UTC')::date, '${body}' from raw_pages`,
]

export const claimToSubmit = `
  with due as (
    select id, status from ml_jobs where status in ('planned', 'submitting') and due_at <= app_now()
    order by due_at, id limit 96 for update skip locked
  )
  update ml_jobs j set status = 'submitting', attempts = j.attempts + 1, claim_token = j.claim_token + 1
  from due where j.id = due.id returning j.id, j.input`

export const claimToAsk = `
  with due as (
    select id from ml_jobs where status in ('submitted', 'expired') and due_at < 'infinity' and due_at <= app_now()
    order by due_at, id limit 100 for update skip locked
  )
  update ml_jobs j set asks = j.asks + 1, claim_token = j.claim_token + 1 from due where j.id = due.id returning j.id`

export const finish = `
  update sync_tasks t set finished_at = app_now(), touched_at = app_now(), status = 'done'
  where t.id = 1 and t.status = 'enriching' and not exists (
    select from ml_job_targets w join ml_jobs j on j.id = w.ml_job_id
    where w.sync_task_id = t.id and j.status in ('planned', 'submitting', 'submitted'))
  returning t.id`

export const plan = `
  insert into ml_jobs (input_key, kind, model, input, traceparent, attempt_no) values ('new', 'text', 'm', '{}', null, 1)
  on conflict do nothing returning id`

export const hang = `
  insert into ml_job_targets (ml_job_id, post_id, media_id, sync_task_id) values (6, 1, null, 1) on conflict do nothing`

/** The answer to sending a job that was claimed before the schema changed. */
export const saveSubmit = `
  update ml_jobs set status = 'submitted', provider_job_id = 'old-2', due_at = app_now() + interval '1 minute', submitted_at = app_now(),
    deadline_at = app_now() + interval '1 day'
  where id = 2 and claim_token = 1 and status = 'submitting' returning id`

/** The result of a job that was asked about before the schema changed. */
export const settle = `
  update ml_jobs set status = 'done', model_version = 'm@1', finished_at = app_now(), due_at = app_now()
  where id = 3 and claim_token = 1 and status = 'submitted' returning id`
export const annotate = `
  insert into annotations (input_key, kind, model_version, result, ml_job_id)
  select input_key, kind, model_version, '{"items": []}', id from ml_jobs where id = 3 on conflict do nothing`
