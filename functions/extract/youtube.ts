import { youtube } from '#shared/platforms/youtube/connector.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import { extractDeps, runExtract } from './handler.ts'

export const budgetMs = 240_000

/** Asks YouTube about the accounts that are due. Called by its timer and by rings. */
export const run: Run<'extract-youtube'> = (ports, config, event, timeLeft) => {
  const connector = youtube({
    fetch: ports.fetch,
    apiKey: config.YOUTUBE_API_KEY,
    baseUrl: config.YOUTUBE_API_URL,
    unitsPerDay: config.YOUTUBE_UNITS_PER_DAY,
    statsCallsPerDay: config.YOUTUBE_STATS_CALLS_PER_DAY,
    callsPerMinute: config.YOUTUBE_CALLS_PER_MINUTE,
  })
  const deps = extractDeps(ports, config, config.EXTRACT_YOUTUBE_QUEUE_URL)
  return runExtract(deps, { platform: 'youtube', connectors: { public_key: connector } }, event, timeLeft)
}

export const handler = cloudFunction('extract-youtube', budgetMs, run)
