import { tiktok } from '#shared/platforms/tiktok/connector.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import { extractDeps, runExtract } from './handler.ts'

export const budgetMs = 240_000

/** Asks TikTok about the accounts that are due, each with its owner's token. Called by its timer and by rings. */
export const run: Run<'extract-tiktok'> = (ports, config, event, timeLeft) => {
  const connector = tiktok({
    fetch: ports.fetch,
    baseUrl: config.TIKTOK_API_URL,
    callsPerMinute: config.TIKTOK_CALLS_PER_MINUTE,
  })
  const deps = extractDeps(ports, config, config.EXTRACT_TIKTOK_QUEUE_URL)
  return runExtract(deps, { platform: 'tiktok', connectors: { own_oauth: connector } }, event, timeLeft)
}

export const handler = cloudFunction('extract-tiktok', budgetMs, run)
