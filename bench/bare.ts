import { readFileSync } from 'node:fs'
import pMap from 'p-map'
import { columns } from '#shared/db/columns.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import type { BenchAccount } from './pages.ts'
import { usage } from './processes.ts'

/**
 * What a script of an afternoon would do: parse, keep the answer, upsert posts, and add a row of numbers where they changed. No
 * ledger, no validation, no order of answers, no tags, mentions, media or ML jobs.
 */
export const bareTables = raw(`
  create schema bare;
  create table bare.answers (id bigint generated always as identity primary key, body text not null);
  create table bare.posts (
    id text primary key, channel_id text, title text, body text, published_at timestamptz, lang text, duration text, tags jsonb,
    visibility text, made_for_kids boolean, cover_url text, views bigint, likes bigint, comments bigint);
  create table bare.post_metrics (
    post_id text not null, observed_at timestamptz not null, views bigint, likes bigint, comments bigint,
    primary key (post_id, observed_at));
  do $$ begin
    alter table bare.answers alter column body set compression lz4;
  exception when feature_not_supported then null;
  end $$;`)

interface Post {
  readonly id: string
  readonly channel_id: string | null
  readonly title: string | null
  readonly body: string | null
  readonly published_at: string | null
  readonly lang: string | null
  readonly duration: string | null
  readonly tags: unknown
  readonly visibility: string | null
  readonly made_for_kids: boolean | null
  readonly cover_url: string | null
  readonly views: string | null
  readonly likes: string | null
  readonly comments: string | null
}
const post = columns<Post>({
  ...{
    id: 'text',
    channel_id: 'text',
    title: 'text',
    body: 'text',
    published_at: 'timestamptz',
    lang: 'text',
  },
  ...{ duration: 'text', tags: 'jsonb', visibility: 'text', made_for_kids: 'boolean', cover_url: 'text' },
  ...{ views: 'bigint', likes: 'bigint', comments: 'bigint' },
})
const numbers = raw('views, likes, comments')
const pagesAtOnce = 10

async function load(db: Db, pages: readonly string[]): Promise<void> {
  const posts = pages.flatMap((page) => (JSON.parse(page) as { items: Video[] }).items.map(rowOf))
  await db.transaction(async (tx) => {
    await tx.rows(sql`insert into bare.answers (body) select unnest(${[...pages]}::text[])`)
    await tx.rows(sql`
      insert into bare.post_metrics (post_id, observed_at, ${numbers})
      select r.id, now(), r.views, r.likes, r.comments from ${post.rows(posts)} left join bare.posts p on p.id = r.id
      where p.id is null or (r.views, r.likes, r.comments) is distinct from (p.views, p.likes, p.comments)`)
    await tx.rows(sql`
      insert into bare.posts (${post.list}) select ${post.of('r')} from ${post.rows(posts)} order by r.id
      on conflict (id) do update set ${post.setFrom('excluded')}`)
  })
}

interface Video {
  readonly id: string
  readonly snippet: Readonly<Record<string, never>>
  readonly contentDetails?: { readonly duration?: string }
  readonly status?: { readonly privacyStatus?: string; readonly madeForKids?: boolean }
  readonly statistics?: Readonly<Record<string, string>>
}

function rowOf({ id, snippet, contentDetails, status, statistics }: Video): Post {
  const thumbnails: Readonly<Record<string, { url?: string }>> = snippet['thumbnails'] ?? {}
  return {
    id,
    channel_id: snippet['channelId'] ?? null,
    title: snippet['title'] ?? null,
    body: snippet['description'] ?? null,
    published_at: snippet['publishedAt'] ?? null,
    lang: snippet['defaultLanguage'] ?? null,
    duration: contentDetails?.duration ?? null,
    tags: snippet['tags'] ?? null,
    visibility: status?.privacyStatus ?? null,
    made_for_kids: status?.madeForKids ?? null,
    cover_url: thumbnails['high']?.url ?? null,
    views: statistics?.['viewCount'] ?? null,
    likes: statistics?.['likeCount'] ?? null,
    comments: statistics?.['commentCount'] ?? null,
  }
}

/** As a process of its own: says when it is ready, begins at a message, and says what it used. */
async function main(url: string, file: string, connections: number): Promise<void> {
  const accounts: BenchAccount[] = JSON.parse(readFileSync(file, 'utf8'))
  const pages = accounts.flatMap((account) => account.pages)
  const batches = Array.from({ length: Math.ceil(pages.length / pagesAtOnce) }, (_, batch) =>
    pages.slice(batch * pagesAtOnce, (batch + 1) * pagesAtOnce),
  )
  const db = openPool({ url, max: connections })
  const before = usage().cpu
  process.on('message', async (said) => {
    if (said !== 'go') return
    await pMap(batches, (batch) => load(db, batch), { concurrency: connections })
    const { cpu, peakMb } = usage()
    process.send?.({ cpu: cpu - before, peakMb })
  })
  process.send?.('ready')
}

const [url, file, connections] = process.argv.slice(2)
if (process.send && url && file) await main(url, file, Number(connections))
