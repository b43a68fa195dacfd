import { isTaskDue, markTaskDone } from '#shared/db/maintained.ts'
import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { type Db, isConnectionLost } from '#shared/db/pool.ts'
import { planRefresh } from '#shared/db/refresh.ts'
import { verify } from '#shared/db/verify.ts'
import { appRemedy as instagramRemedy } from '#shared/platforms/instagram/errors.ts'
import { refreshInstagram } from '#shared/platforms/instagram/oauth.ts'
import { appRemedy as tiktokRemedy } from '#shared/platforms/tiktok/errors.ts'
import { refreshTiktok } from '#shared/platforms/tiktok/oauth.ts'
import type { Config } from '#shared/runtime/config.ts'
import { dataKey, hasDataKey } from '#shared/runtime/data-key.ts'
import { cloudFunction, type Run, type TimeLeft } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { type Renewal, renewTokens, warnOfEnding } from './renew.ts'
import { sweep } from './sweep.ts'

export const budgetMs = 240_000

/** Invariants are checked about once a day, and by a call that brought the schema forward. */
const verifyEveryHours = 20

/**
 * Called at deployment, before the other functions are updated, and by its timers: brings the schema forward, makes
 * partitions ahead, refreshes tokens that end soon, plans which numbers are asked for again, and about once a day deletes
 * what is kept long enough and checks every invariant of the ledger.
 */
export const run: Run<'maintain'> = async (ports, config, _event, timeLeft) => {
  const applied = await migrate(ports.db)
  const partitions = await makePartitions(ports.db)
  const refreshed = await refreshOrTell(ports, config, timeLeft)
  const planned = await planRefreshes(ports.db, config.REFRESH_DAYS)
  const swept = await sweep(ports, () => timeLeft(0.7))
  const isDue = await isTaskDue(ports.db, 'verify', verifyEveryHours)
  const findings = isDue || applied.length > 0 ? await verify(ports.db, timeLeft) : []
  const violated = findings.filter(({ count }) => count !== null)
  for (const finding of violated) ports.log.error({ finding }, 'an invariant of the ledger is violated')
  const unchecked = findings.flatMap(({ name, count }) => (count === null ? [name] : []))
  if (isDue && unchecked.length === 0) await markTaskDone(ports.db, 'verify')
  if (unchecked.length > 0) ports.log.warn({ unchecked }, 'there was no time to check these invariants')
  ports.log.info({ applied, partitions, refreshed, planned, swept, violated: violated.length }, 'maintained')
  return { release: config.RELEASE ?? null, applied, partitions, refreshed, planned, swept, findings }
}

/** Posts of a week move fast and are few; the many older ones are looked through four times a day. */
async function planRefreshes(db: Db, youngerThanDays: number): Promise<number> {
  if (youngerThanDays === 0) return 0
  const all = await isTaskDue(db, 'refresh', 6)
  const planned = await planRefresh(db, all ? youngerThanDays : Math.min(7, youngerThanDays))
  if (all) await markTaskDone(db, 'refresh')
  return planned
}

/** A key that cannot be opened at this moment holds up nothing else. */
async function refreshOrTell(ports: Ports, config: Config<'maintain'>, timeLeft: TimeLeft): Promise<number> {
  try {
    return await refreshWhereConfigured(ports, config, timeLeft)
  } catch (error) {
    if (isConnectionLost(error)) throw error
    ports.log.error({ error }, 'tokens could not be refreshed; they are tried again with the next call')
    return 0
  }
}

/** Without a data key there are no tokens to refresh. */
async function refreshWhereConfigured(
  ports: Ports,
  config: Config<'maintain'>,
  timeLeft: TimeLeft,
): Promise<number> {
  if (!hasDataKey(config)) return 0
  const deps = { db: ports.db, log: ports.log, spare: ports.spare, key: await dataKey(ports, config) }
  await warnOfEnding(deps)
  let refreshed = 0
  for (const renewal of renewalsOf(ports, config))
    refreshed += await renewTokens(deps, renewal, () => timeLeft(0.5))
  return refreshed
}

/**
 * TikTok's access tokens live two hours and maintain comes each half hour; Instagram's live 60 days and are renewed
 * weekly (platform-apis 2.5, 3.2).
 */
function renewalsOf({ fetch }: Ports, config: Config<'maintain'>): Renewal[] {
  const { TIKTOK_CLIENT_KEY: clientKey, TIKTOK_CLIENT_SECRET: clientSecret } = config
  const instagram: Renewal = {
    platform: 'instagram',
    aheadMinutes: 53 * 24 * 60,
    appRemedy: instagramRemedy,
    renew: (token) => refreshInstagram({ fetch, baseUrl: config.INSTAGRAM_LOGIN_API_URL }, token),
  }
  if (!clientKey || !clientSecret) return [instagram]
  const oauth = { fetch, baseUrl: config.TIKTOK_API_URL, clientKey, clientSecret }
  const tiktok: Renewal = {
    platform: 'tiktok',
    aheadMinutes: 75,
    appRemedy: tiktokRemedy,
    renew: (token) => refreshTiktok(oauth, token),
  }
  return [instagram, tiktok]
}

export const handler = cloudFunction('maintain', budgetMs, run)
