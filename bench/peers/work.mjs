// The work that every queue is given, and what is counted of it.
import { setTimeout as after } from 'node:timers/promises'
import pg from 'pg'

export const size = { pages: 20, rows: 50, jobs: 50 }

/** Calls of Client.query in this process, whoever makes them: one pg serves the work and the libraries. */
export const statements = { count: 0 }
const query = pg.Client.prototype.query
pg.Client.prototype.query = function counted(...args) {
  statements.count += 1
  return query.apply(this, args)
}

/** Makes the tables of the work. */
export async function prepare(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create table if not exists peer_posts (id text primary key, body jsonb not null)')
  await client.query('create table if not exists peer_ml (id text primary key, status text not null)')
  await client.end()
}

/**
 * Fetch a page and upsert its rows; submit an ML job; ask about it, pending at first and then done; complete it.
 * `before` is awaited before each piece.
 */
export function openWork(url, before = async () => undefined) {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  pool.on('error', () => undefined)
  const filler = 'x'.repeat(400)
  let done = 0
  return {
    done: () => done,
    before,
    page: async (number) => {
      await after(5)
      const rows = Array.from({ length: size.rows }, (_, index) => ({
        id: `p${number}-${index}`,
        body: { number, index, filler },
      }))
      await pool.query(
        `insert into peer_posts (id, body) select r.id, r.body from json_to_recordset($1::json) as r(id text, body jsonb)
         order by 1 on conflict (id) do update set body = excluded.body`,
        [JSON.stringify(rows)],
      )
      const each = size.jobs / size.pages
      const from = Math.floor(number * each)
      return Array.from({ length: Math.floor((number + 1) * each) - from }, (_, index) => `ml${from + index}`)
    },
    submit: (id) =>
      pool.query(`insert into peer_ml (id, status) values ($1, 'submitted') on conflict (id) do nothing`, [
        id,
      ]),
    isDone: (asks) => asks >= 2,
    complete: async (id) => {
      await pool.query(`update peer_ml set status = 'done' where id = $1`, [id])
      done += 1
    },
    close: () => pool.end(),
  }
}

/** Counts jobs that are left, over one connection. */
export async function counter(url, statement) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const count = async () => {
    const { rows } = await client.query(statement)
    return rows[0].count
  }
  return { count, close: () => client.end() }
}
