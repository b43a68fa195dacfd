import type { Connector } from '#shared/platforms/platform.ts'
import { tiktok } from '#shared/platforms/tiktok/connector.ts'
import { tiktokResearch } from '#shared/platforms/tiktok/research.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { extractDeps, runExtract, type Served } from './handler.ts'

export const budgetMs = 240_000

/** One per instance of the function: it keeps the token of the app. null: no app for research is set. */
const research = new WeakMap<Ports, Connector | null>()

function researchOf(ports: Ports, config: Config<'extract-tiktok'>): Connector | null {
  const { TIKTOK_RESEARCH_CLIENT_KEY: clientKey, TIKTOK_RESEARCH_CLIENT_SECRET: clientSecret } = config
  const known = research.get(ports)
  if (known !== undefined) return known
  const made =
    clientKey && clientSecret
      ? tiktokResearch({
          fetch: ports.fetch,
          baseUrl: config.TIKTOK_API_URL,
          clientKey,
          clientSecret,
          callsPerDay: config.TIKTOK_RESEARCH_CALLS_PER_DAY,
          since: config.TIKTOK_RESEARCH_SINCE,
        })
      : null
  research.set(ports, made)
  return made
}

/**
 * Asks TikTok about the accounts that are due, each with its owner's token, or with that of an app for research. Called
 * by its timer and by rings.
 */
export const run: Run<'extract-tiktok'> = (ports, config, event, timeLeft) => {
  const connector = tiktok({
    fetch: ports.fetch,
    baseUrl: config.TIKTOK_API_URL,
    callsPerMinute: config.TIKTOK_CALLS_PER_MINUTE,
  })
  const deps = extractDeps(ports, config, config.EXTRACT_TIKTOK_QUEUE_URL)
  const served: Served = {
    platform: 'tiktok',
    connectors: { own_oauth: connector, research: researchOf(ports, config) },
  }
  return runExtract(deps, served, event, timeLeft)
}

export const handler = cloudFunction('extract-tiktok', budgetMs, run)
