import { styleText } from 'node:util'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Standing } from '../standing.ts'
import { columns, number } from './frame.ts'

export interface SamplePost {
  readonly class: string
  readonly handle: string | null
  readonly title: string
  readonly views: string | null
  readonly likes: string | null
  /** What ML found in text and picture, joined by commas. NULL: nothing. */
  readonly found: string | null
}

/** Three posts that ML has looked at, of different classes where there are some. */
export async function readSample(db: Db): Promise<SamplePost[]> {
  return db.rows(sql`
    with ranked as (
      select p.id, p.class, a.handle, coalesce(p.title, p.body, '') as title, l.views, l.likes,
        row_number() over (partition by p.class order by l.views desc nulls last, p.id) as place
      from posts p join post_latest l on l.post_id = p.id join accounts a on a.id = p.account_id
      where exists (select from post_annotations n where n.post_id = p.id)
    )
    select r.class, r.handle, r.title, r.views, r.likes, (
      select string_agg(distinct name, ', ') from post_finds f where f.post_id = r.id and f.name is not null) as found
    from ranked r order by r.place, r.views desc nulls last limit 3`)
}

const count = (text: string | null) => (text === null ? 'hidden' : number(Number(text)))
const short = (text: string, most: number) => {
  const line = [...text.replaceAll(/\s+/g, ' ').trim()]
  return line.length > most ? `${line.slice(0, most - 1).join('')}…` : line.join('')
}

/** What a run came to, as a small table, three posts to look at, and what to do next. */
export function resultText(
  standing: Standing,
  sample: readonly SamplePost[],
  next: readonly (readonly string[])[],
): string {
  const { ml_jobs } = standing
  const counts = [
    ['accounts', number(standing.accounts), ''],
    ['posts', number(standing.posts), `${number(standing.post_metrics)} rows of metric history`],
    [
      'ML jobs done',
      number(ml_jobs.done),
      `${number(standing.annotations)} annotations, ${number(ml_jobs.open)} jobs open`,
    ],
    [
      'ML jobs failed',
      number(ml_jobs.failed + ml_jobs.expired),
      'tried again where the provider said it may help',
    ],
    ['quarantined', number(standing.quarantined), 'records refused by validation, kept with their cause'],
    ['parked', number(standing.parked), 'pages and jobs that wait for a person'],
  ]
  const posts = sample.map((post) => [
    short(post.title, 34),
    post.class,
    `@${post.handle ?? '?'}`,
    `${count(post.views)} views`,
    `${count(post.likes)} likes`,
    short(post.found ?? '', 40),
  ])
  return [
    '',
    columns(counts, [1]),
    ...(posts.length > 0
      ? ['', styleText('bold', '  Three posts, with what ML found in them'), columns(posts, [3, 4])]
      : []),
    '',
    styleText('bold', '  Next'),
    columns(next),
    '',
  ].join('\n')
}

/** The next steps after a run of the simulated world; `url` is where the HTTP API answers while it runs. */
export function nextSteps(url: string | null, hasOwnServer: boolean): string[][] {
  const psql = hasOwnServer
    ? 'psql "$DATABASE_URL"'
    : `psql "$(node -p "require('./.local/state.json').database_url")"`
  return [
    ['look at the rows', url || hasOwnServer ? psql : `npm start   and beside it   ${psql}`],
    ...(url
      ? [
          ['ask for a sync', `POST ${url}/v1/syncs, see README`],
          ['break something', 'npm start -- --fault youtube:quota   in another terminal'],
        ]
      : [['let the world live', 'npm start']]),
    ['follow your own channel', 'YOUTUBE_API_KEY=… npm start -- --live youtube:@handle'],
  ]
}
