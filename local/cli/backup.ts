import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { migrate } from '#shared/db/migrate.ts'
import { openPool } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { authority } from '#shared/runtime/ports.ts'
import { UserError } from '../user-error.ts'
import { type Result, result } from './result.ts'
import { databaseUrl, type Terminal } from './terminal.ts'

/**
 * Writes all tables into one file that only its owner may read, as they are at one moment, while the work goes on. What readers made in
 * their own schema is theirs to keep.
 */
export async function backUp(terminal: Terminal, file: string): Promise<Result> {
  const path = resolve(terminal.folder, file)
  if (existsSync(path)) throw new UserError(`${file} is there already`)
  writeFileSync(path, '', { mode: 0o600 })
  await run(terminal, 'pg_dump', [
    '--format=custom',
    '--no-owner',
    '--no-acl',
    '--exclude-schema=social_sync_read',
    `--file=${path}`,
  ]).catch((error: unknown) => {
    // What it began is no backup.
    rmSync(path, { force: true })
    throw error
  })
  const megabytes = statSync(path).size / 1e6
  return result(
    { file, megabytes },
    `${file}: ${megabytes.toFixed(1)} MB; npm run restore -- ${file} puts it into an empty database`,
  )
}

/** Puts a file of `backUp` into an empty database, brings it to this release, and checks every invariant. Throws a UserError otherwise. */
export async function restore(terminal: Terminal, file: string): Promise<Result> {
  const path = resolve(terminal.folder, file)
  if (!existsSync(path)) throw new UserError(`there is no file ${file}`)
  const db = openPool({ url: databaseUrl(terminal), max: 2, ca: authority(terminal.env['DATABASE_CA']) })
  try {
    const [found] = await db.rows<{ tables: number }>(sql`
      select count(*)::int as tables from pg_tables where schemaname = 'public'`)
    if (found?.tables !== 0) throw new UserError('the database is not empty: restore into a new one')
    await run(terminal, 'pg_restore', ['--no-owner', '--no-acl', '--exit-on-error', path])
    const applied = await migrate(db)
    await db.rows(sql`select grant_roles()`)
    const findings = await verify(db)
    const [rows] = await db.rows<{ accounts: string; posts: string }>(sql`
      select (select count(*) from accounts) as accounts, (select count(*) from posts) as posts`)
    const lines = [
      `restored: ${rows?.accounts} accounts, ${rows?.posts} posts`,
      ...(applied.length > 0 ? [`brought to this release by ${applied.length} migrations`] : []),
      findings.length === 0
        ? 'every invariant of the ledger holds'
        : `broken: ${findings.map(({ name }) => name).join('; ')}`,
    ]
    return result({ ...rows, applied, findings }, lines.join('\n'), findings.length === 0)
  } finally {
    await db.end()
  }
}

/** Programs of PostgreSQL take the authority as a file. */
function fileOf(authority: string): string {
  if (!authority.startsWith('-----BEGIN')) return authority
  const path = join(mkdtempSync(join(tmpdir(), 'social-sync-ca-')), 'ca.pem')
  writeFileSync(path, authority)
  return path
}

/** Runs a program of PostgreSQL over the database of the terminal; its password is in no list of processes. */
async function run(terminal: Terminal, program: string, args: readonly string[]): Promise<void> {
  const url = new URL(databaseUrl(terminal))
  const password = decodeURIComponent(url.password)
  url.password = ''
  const target = program === 'pg_dump' ? [url.href] : [`--dbname=${url.href}`]
  const ca = terminal.env['DATABASE_CA']
  const env = {
    ...{ PATH: terminal.env['PATH'], PGPASSWORD: password },
    ...(ca ? { PGSSLMODE: 'verify-full', PGSSLROOTCERT: fileOf(ca) } : {}),
  }
  const child = spawn(program, [...target, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk))
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', () =>
      failed(new UserError(`${program} is not on the path: install the client of PostgreSQL`)),
    )
    child.once('close', done)
  })
  if (code !== 0) throw new UserError(`${program} ended with ${code}: ${said.trim().slice(0, 500)}`)
}
