import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import type { Db, Queryable } from './pool.ts'
import { raw, sql } from './sql.ts'

/** A migration may take minutes; the function that runs it is ended at five (serverless.yml). */
export const patienceMs = 270_000

const folder = joinPath(import.meta.dirname, 'migrations')

/**
 * Brings the schema forward: each numbered file once, in order, each in its own transaction. Two callers at once
 * queue up. A file changed after it was applied is an error. A file whose first line is `-- when:` and a query is left to a
 * later call while that is false, so that nothing after it may need it. The roles of functions and readers get their rights.
 * Returns the names newly applied.
 */
export async function migrate(db: Db): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const known = await knownMigrations(db)
  const applied: string[] = []
  for (const name of names) {
    const text = await readFile(joinPath(folder, name), 'utf8')
    if (known.get(name) === hashOf(text)) continue
    if (await db.transaction((tx) => apply(tx, name, text), patienceMs)) applied.push(name)
  }
  if (await roleLacksGrants(db)) await db.rows(sql`select grant_roles()`)
  return applied
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** What is applied, by one query: most calls find all of it. */
async function knownMigrations(db: Queryable): Promise<Map<string, string>> {
  try {
    const rows = await db.rows<{ name: string; sha256: string }>(
      sql`select name, sha256 from schema_migrations`,
    )
    return new Map(rows.map(({ name, sha256 }) => [name, sha256]))
  } catch (error) {
    const isNew = error instanceof Error && 'code' in error && error.code === '42P01'
    if (isNew) return new Map()
    throw error
  }
}

const known = ['run', 'read', 'transform', 'poll', 'sync'].map((name) => `social_sync_${name}`)

/** A role that was made since the last migration may do nothing yet. */
async function roleLacksGrants(db: Queryable): Promise<boolean> {
  const [row] = await db.rows<{ lacks: boolean }>(sql`
    select exists (select from pg_roles
      where (rolname = any(${known}::text[]) or starts_with(rolname, 'social_sync_extract_'))
      and not has_table_privilege(oid, 'accounts', 'select')) as lacks`)
  return row?.lacks ?? false
}

async function apply(tx: Queryable, name: string, text: string): Promise<boolean> {
  const sha256 = hashOf(text)
  await tx.rows(sql`select pg_advisory_xact_lock(hashtext('social-sync migrations'))`)
  await tx.rows(ledger)
  const [known] = await tx.rows<{ sha256: string }>(
    sql`select sha256 from schema_migrations where name = ${name}`,
  )
  if (known && known.sha256 !== sha256)
    throw new Error(`migration ${name} was changed after it had been applied`)
  if (known || !(await isTime(tx, text))) return false
  await tx.rows(raw(text))
  await tx.rows(grants)
  await tx.rows(sql`insert into schema_migrations (name, sha256) values (${name}, ${sha256})`)
  return true
}

const condition = /^-- when: (.+)$/

async function isTime(tx: Queryable, text: string): Promise<boolean> {
  const [, query] = condition.exec(text.split('\n', 1)[0] ?? '') ?? []
  if (query === undefined) return true
  const [row] = await tx.rows<Record<string, boolean>>(raw(query))
  return Object.values(row ?? {})[0] === true
}

/** Runs after each migration, which may have created tables; does nothing before grant_roles() exists. */
const grants = raw(`
  do $$
  begin
    if to_regprocedure('grant_roles()') is not null then perform grant_roles(); end if;
  end
  $$`)

const ledger = raw(`
  create table if not exists schema_migrations (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default clock_timestamp()
  );
  comment on table schema_migrations is 'Migrations applied to this database.';
  comment on column schema_migrations.name is 'File name, numbered.';
  comment on column schema_migrations.sha256 is 'SHA-256 of the file as applied.';
  comment on column schema_migrations.applied_at is 'When, by the clock of the server (UTC).';
`)

/** Makes partitions from a week ago to nine weeks ahead; returns how many were missing. */
export async function makePartitions(db: Queryable): Promise<number> {
  const [made] = await db.rows<{ made: number }>(
    sql`select make_partitions(app_now() - interval '1 week', app_now() + interval '9 weeks') as made`,
  )
  return made?.made ?? 0
}
