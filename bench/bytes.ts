import { runSubmit } from '#functions/submit/run.ts'
import { sql } from '#shared/db/sql.ts'
import { sendingTo, taking } from '../tests/setup/ml.ts'
import { type BenchServer, withDb } from './server.ts'

/** Bytes on disk a post, without the answers as they came. */
export interface Bytes {
  readonly planned: number
  readonly open: number
}

/** Loads posts into a new database, and sends all their ML jobs. */
export async function bytesOfPosts(
  server: BenchServer,
  load: (url: string) => Promise<unknown>,
): Promise<Bytes> {
  const { url, drop } = await server.database('bench_bytes')
  const found = await withDb(url, 2, async (db) => {
    const used = async () => {
      const [row] = await db.rows<{ bytes: number; posts: number }>(sql`
        select (select count(*)::int from posts) as posts, (
          select sum(pg_total_relation_size(c.oid))::float8 from pg_class c
          where c.relkind = 'r' and c.relnamespace = current_schema::regnamespace and c.relname not like 'raw\_bodies%') as bytes`)
      return row ?? { bytes: 0, posts: 0 }
    }
    const empty = await used()
    await load(url)
    const planned = await used()
    await runSubmit({ db, random: () => 0, ...sendingTo(taking) }, new AbortController().signal)
    const open = await used()
    const each = (one: typeof planned) => Math.round((one.bytes - empty.bytes) / one.posts)
    return { planned: each(planned), open: each(open) }
  })
  await drop()
  return found
}
