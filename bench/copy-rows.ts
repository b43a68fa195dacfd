import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

/** Rows of one table, as COPY gives and takes them, cut into the batches that were committed together. */
interface Dump {
  readonly table: string
  readonly columns: string
  readonly batches: readonly Buffer[]
}

/** What a run wrote: which rows of a table, and by which column they fall into batches. */
export interface Written {
  readonly table: string
  readonly where?: string
  /** Expression in [0, 1) that places a row; rows of one post go together. */
  readonly place: string
}

const tables = new Map<string, string>()

/** Reads what a run wrote, in the order of foreign keys. */
export async function dump(url: string, written: readonly Written[], batches: number): Promise<Dump[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const dumps: Dump[] = []
  for (const { table, where = 'true', place } of written) {
    const columns = await columnsOf(client, table)
    const parts: Buffer[] = []
    for (let batch = 0; batch < batches; batch += 1) {
      const query = `copy (select ${columns} from ${table} t where ${where}
        and width_bucket(${place}, 0, 1, ${batches}) = ${batch + 1}) to stdout (format binary)`
      const chunks: Buffer[] = []
      for await (const chunk of client.query(copyTo(query))) chunks.push(chunk)
      parts.push(Buffer.concat(chunks))
    }
    dumps.push({ table, columns, batches: parts })
  }
  await client.end()
  return dumps
}

/**
 * The bound: the same rows by COPY, over so many connections, one commit a batch, into tables with the same indexes
 * and constraints.
 */
export async function load(url: string, dumps: readonly Dump[], connections: number): Promise<void> {
  const batches = dumps[0]?.batches.length ?? 0
  let next = 0
  const worker = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (next < batches) {
      const batch = next
      next += 1
      await client.query('begin')
      for (const { table, columns, batches: parts } of dumps) {
        const rows = parts[batch]
        // A binary copy without rows is a header and an end.
        if (!rows || rows.length <= 21) continue
        await pipeline(
          Readable.from([rows]),
          client.query(copyFrom(`copy ${table} (${columns}) from stdin (format binary)`)),
        )
      }
      await client.query('commit')
    }
    await client.end()
  }
  await Promise.all(Array.from({ length: connections }, worker))
}

async function columnsOf(client: pg.Client, table: string): Promise<string> {
  const known = tables.get(table)
  if (known) return known
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
     order by attnum`,
    [table],
  )
  const columns = rows.map(({ name }) => `"${name}"`).join(', ')
  tables.set(table, columns)
  return columns
}
