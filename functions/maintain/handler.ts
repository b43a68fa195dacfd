import { isTaskDue, markTaskDone } from '#shared/db/maintained.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { verify } from '#shared/db/verify.ts'
import { refreshTiktok } from '#shared/platforms/tiktok/oauth.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run, type TimeLeft } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { refreshTokens } from './refresh.ts'

export const budgetMs = 240_000

/** Invariants are checked about once a day, and by a call that brought the schema forward. */
const verifyEveryHours = 20

/**
 * Called at deployment, before the other functions are updated, and by its timers: brings the schema forward, makes
 * partitions ahead, refreshes tokens that end soon, and about once a day checks every invariant of the ledger.
 */
export const run: Run<'maintain'> = async (ports, config, _event, timeLeft) => {
  const applied = await migrate(ports.db)
  const partitions = await makePartitions(ports.db)
  const refreshed = await refreshWhereConfigured(ports, config, timeLeft)
  const isDue = await isTaskDue(ports.db, 'verify', verifyEveryHours)
  const findings = isDue || applied.length > 0 ? await verify(ports.db, timeLeft) : []
  const violated = findings.filter(({ count }) => count !== null)
  for (const finding of violated) ports.log.error({ finding }, 'an invariant of the ledger is violated')
  const unchecked = findings.flatMap(({ name, count }) => (count === null ? [name] : []))
  if (isDue && unchecked.length === 0) await markTaskDone(ports.db, 'verify')
  if (unchecked.length > 0) ports.log.warn({ unchecked }, 'there was no time to check these invariants')
  ports.log.info({ applied, partitions, refreshed, violated: violated.length }, 'maintained')
  return { applied, partitions, refreshed, findings }
}

/** Without a data key and a TikTok app there are no tokens to refresh. */
function refreshWhereConfigured(
  ports: Ports,
  config: Config<'maintain'>,
  timeLeft: TimeLeft,
): Promise<number> {
  const { CREDENTIALS_KEY: key, TIKTOK_CLIENT_KEY: clientKey, TIKTOK_CLIENT_SECRET: clientSecret } = config
  if (!key || !clientKey || !clientSecret) return Promise.resolve(0)
  const oauth = { fetch: ports.fetch, baseUrl: config.TIKTOK_API_URL, clientKey, clientSecret }
  const refresh = (token: string) => refreshTiktok(oauth, token)
  const deps = { db: ports.db, log: ports.log, key: Buffer.from(key, 'base64'), refresh }
  return refreshTokens(deps, () => timeLeft(0.5))
}

export const handler = cloudFunction('maintain', budgetMs, run)
