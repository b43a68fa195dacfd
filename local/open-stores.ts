import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startRedis } from './drivers/servers.ts'
import { openYdb } from './simulators/ydb/server.ts'
import type { Start } from './start.ts'

/**
 * Settings of where raw answers and short-lived state lie. A simulated YDB is opened where one is chosen, and where an earlier start left bodies in one,
 * which are read from there still.
 */
export async function openStores(
  { options, folder, closers }: Start,
  now: () => Date,
): Promise<Readonly<Record<string, string>>> {
  const { 'raw-store': RAW_STORE, 'state-store': STATE_STORE } = options
  const redis = STATE_STORE === 'redis' ? await redisUrl(closers) : {}
  const store = { RAW_STORE, STATE_STORE, ...redis }
  const { YDB_URL } = process.env
  if (YDB_URL !== undefined) return { ...store, YDB_URL }
  const file = join(folder, 'ydb.sqlite')
  if (options.fresh) for (const part of ['', '-wal', '-shm']) rmSync(`${file}${part}`, { force: true })
  if (RAW_STORE !== 'ydb' && STATE_STORE !== 'ydb' && !existsSync(file)) return store
  const ydb = await openYdb({ file, now })
  closers.lastly(() => ydb.close())
  return { ...store, YDB_URL: ydb.url }
}

/** The Redis of the environment, or one of its own for as long as this runs. */
async function redisUrl(closers: Start['closers']): Promise<Readonly<Record<string, string>>> {
  const { STATE_REDIS_URL, REDIS_URL } = process.env
  const given = STATE_REDIS_URL ?? REDIS_URL
  if (given !== undefined) return { STATE_REDIS_URL: given }
  const server = await startRedis()
  closers.lastly(() => server.kill())
  return { STATE_REDIS_URL: `redis://${server.address}` }
}
