import { expect, test } from 'vitest'
import type { Queryable } from '#shared/db/pool.ts'
import { raw, type Sql, sql } from '#shared/db/sql.ts'
import { saveSubmits } from '#shared/db/tables/ml-jobs/sent.ts'
import { pictureLinks } from '#shared/db/views/picture-links.ts'
import { openTestDatabase } from '../setup/database.ts'

/** Jobs that were sent since their table was analysed, or before it ever was, as in a first import. */
async function openSent(analysed: 'before' | 'never') {
  const { db } = await openTestDatabase()
  await db.rows(raw('alter table ml_jobs set (autovacuum_enabled = off)'))
  await db.rows(
    raw(`
    insert into ml_jobs (content_key, kind, model, provider, next_at)
    select md5(n::text)::uuid, 'text', 'm', 'ml', app_now() from generate_series(1, 6000) n`),
  )
  if (analysed === 'before') await db.rows(raw('analyze ml_jobs'))
  await db.rows(
    raw(`
    update ml_jobs set status = 'submitted', provider_job_id = 'job ' || id, claim_token = id, submitted_at = app_now(),
      deadline_at = app_now() + interval '1 day', next_at = app_now() + id * interval '1 second'`),
  )
  /** How a statement would be carried out. */
  const planOf = async (ask: (db: Queryable) => Promise<unknown>) => {
    const lines: string[] = []
    const rows = async (statement: Sql) => {
      const plan = await db.rows<{ 'QUERY PLAN': string }>(sql`explain ${statement}`)
      lines.push(...plan.map((line) => line['QUERY PLAN']))
      return []
    }
    await ask({ ...db, rows } as Queryable)
    return lines.join('\n')
  }
  return planOf
}

test('sent since its table was analysed, a job is found by its id at the provider, not among all that are asked about', async () => {
  const planOf = await openSent('before')
  const sent = { after_ms: 1, deadline_ms: 1, error: null, parked: false, counts: true, unsent: false }
  const outcomes = Array.from({ length: 100 }, (_, n) => ({
    ...{ id: String(n + 1), claim_token: String(n + 1), state: 'submitted' as const },
    ...{ provider_job_id: `new ${n}`, ...sent },
  }))
  const plan = await planOf((db) => saveSubmits(db, outcomes, undefined))
  expect(plan).toContain('ml_jobs_provider')
  expect(plan).not.toContain('ml_jobs_to_ask')
})

test('before its table is analysed, the jobs of a picture are found by its content', async () => {
  const planOf = await openSent('never')
  const key = '00000000-0000-0000-0000-000000000001'
  const plan = await planOf((db) => pictureLinks(db, key, new Date('2100-01-01T00:00:00Z')))
  expect(plan).toContain('ml_jobs_of_content')
  expect(plan).not.toContain('ml_jobs_to_ask')
})
