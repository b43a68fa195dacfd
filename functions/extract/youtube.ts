import { youtube } from '#shared/platforms/youtube/connector.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import { runExtract } from './handler.ts'

export const budgetMs = 240_000

/** Asks YouTube about the accounts that are due. Called by its timer and by rings. */
export const run: Run<'extract-youtube'> = (ports, config, event, timeLeft) =>
  runExtract(
    {
      db: ports.db,
      connector: youtube({
        fetch: ports.fetch,
        apiKey: config.YOUTUBE_API_KEY,
        baseUrl: config.YOUTUBE_API_URL,
        unitsPerDay: config.YOUTUBE_UNITS_PER_DAY,
        callsPerMinute: config.YOUTUBE_CALLS_PER_MINUTE,
      }),
      ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
      ringExtract: ports.sender(config.EXTRACT_YOUTUBE_QUEUE_URL),
      log: ports.log,
      leaseS: config.LEASE_SECONDS,
      taskAttempts: config.TASK_ATTEMPTS,
      lookBackMs: config.LOOK_BACK_DAYS * 86_400_000,
      random: ports.random,
    },
    event,
    timeLeft,
  )

export const handler = cloudFunction('extract-youtube', budgetMs, run)
