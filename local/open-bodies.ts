import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openYdb } from './simulators/ydb/server.ts'
import type { Start } from './start.ts'

/**
 * Settings of where raw answers lie. A simulated YDB is opened where one is chosen, and where an earlier start left bodies in one,
 * which are read from there still.
 */
export async function openBodies(
  { options, folder, closers }: Start,
  now: () => Date,
): Promise<Readonly<Record<string, string>>> {
  const store = { RAW_STORE: options['raw-store'] }
  const { YDB_URL } = process.env
  if (YDB_URL !== undefined) return { ...store, YDB_URL }
  const file = join(folder, 'ydb.sqlite')
  if (options.fresh) for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true })
  if (options['raw-store'] === 'postgres' && !existsSync(file)) return store
  const ydb = await openYdb({ file, now })
  closers.lastly(() => ydb.close())
  return { ...store, YDB_URL: ydb.url }
}
