import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export interface Request {
  readonly actor: string
  readonly key: string
  readonly route: string
  readonly request_hash: string
}

export type Begun =
  | { readonly state: 'new' }
  | { readonly state: 'done'; readonly answer: unknown }
  /** Under this key something else was asked for, or the same is being carried out at this moment. */
  | { readonly state: 'other' | 'running' }

/** A function that took longer is dead: the repetition of its request is carried out. */
const mostSeconds = 60

/** Takes a request to be carried out, once under its key. */
export async function beginRequest(db: Queryable, request: Request): Promise<Begun> {
  const { actor, key, route, request_hash } = request
  const made = await db.rows(sql`
    insert into idempotent_requests as r (actor, key, route, request_hash)
    values (${actor}, ${key}, ${route}, ${request_hash})
    on conflict (actor, key) do update set started_at = app_now()
    where r.answer is null and r.route = excluded.route and r.request_hash = excluded.request_hash
      and r.started_at < app_now() - ${mostSeconds} * interval '1 second'
    returning key`)
  if (made.length > 0) return { state: 'new' }
  const [known] = await db.rows<{ same: boolean; answer: string | null }>(sql`
    select route = ${route} and request_hash = ${request_hash} as same, answer from idempotent_requests
    where actor = ${actor} and key = ${key}`)
  if (!known?.same) return { state: 'other' }
  return known.answer === null ? { state: 'running' } : { state: 'done', answer: JSON.parse(known.answer) }
}

/** Keeps the answer for repetitions of the request. */
export async function endRequest(db: Queryable, { actor, key }: Request, answer: unknown): Promise<void> {
  await db.rows(sql`
    update idempotent_requests set answer = ${JSON.stringify(answer)}::jsonb where actor = ${actor} and key = ${key}`)
}

/** What was refused may be asked for again under the same key. */
export async function forgetRequest(db: Queryable, { actor, key }: Request): Promise<void> {
  await db.rows(
    sql`delete from idempotent_requests where actor = ${actor} and key = ${key} and answer is null`,
  )
}
