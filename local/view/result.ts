import { styleText } from 'node:util'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Standing } from '../standing.ts'
import { columns, number } from './frame.ts'

interface SamplePost {
  readonly class: string
  readonly handle: string | null
  readonly title: string
  readonly views: string | null
  readonly likes: string | null
  /** What ML found in text and picture, joined by commas. NULL: nothing. */
  readonly found: string | null
}

/** A brand, and how many posts name it, by where they do. */
interface NamedBrand {
  readonly brand: string
  readonly captions: number
  readonly pictures: number
  readonly models: number
}

/** The five brands that most pictures show, by the words read in them. */
const readBrands = (db: Db) =>
  db.rows<NamedBrand>(sql`
    select brand, count(distinct post_id) filter (where source = 'caption')::int as captions,
      count(distinct post_id) filter (where source = 'picture')::int as pictures,
      count(distinct post_id) filter (where source = 'model')::int as models
    from post_brands group by 1 order by 3 desc, 2 desc, 1 limit 5`)

/** Three posts that ML has looked at, of different classes where there are some. */
const readPosts = (db: Db) =>
  db.rows<SamplePost>(sql`
    with ranked as (
      select p.id, p.class, a.handle, coalesce(p.title, p.body, '') as title, l.views, l.likes,
        row_number() over (partition by p.class order by l.views desc nulls last, p.id) as place
      from posts p join post_latest l on l.post_id = p.id join accounts a on a.id = p.account_id
      where exists (select from post_annotations n where n.post_id = p.id)
    )
    select r.class, r.handle, r.title, r.views, r.likes, (
      select string_agg(distinct name, ', ') from post_finds f where f.post_id = r.id and f.name is not null) as found
    from ranked r order by r.place, r.views desc nulls last limit 3`)

/** What a run found, for people to look at. */
export interface Sample {
  readonly posts: readonly SamplePost[]
  readonly brands: readonly NamedBrand[]
}

export const readSample = async (db: Db): Promise<Sample> => ({
  posts: await readPosts(db),
  brands: await readBrands(db),
})

const count = (text: string | null) => (text === null ? 'hidden' : number(Number(text)))
const short = (text: string, most: number) => {
  const line = [...text.replaceAll(/\s+/g, ' ').trim()]
  return line.length > most ? `${line.slice(0, most - 1).join('')}…` : line.join('')
}

/** What a run came to, as a small table, three posts and the most frequent brands to look at, and what to do next. */
export function resultText(
  standing: Standing,
  { posts: sample, brands }: Sample,
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
    ...(brands.length > 0
      ? [
          '',
          styleText('bold', '  Brands, and how many posts name them'),
          columns(brands.map(brandLine), [1, 3, 5]),
        ]
      : []),
    '',
    styleText('bold', '  Next'),
    columns(next),
    '',
  ].join('\n')
}

const brandLine = ({ brand, captions, pictures, models }: NamedBrand) => [
  ...[brand, number(pictures), 'in pictures', number(captions), 'in texts', number(models), 'by a model'],
]

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
