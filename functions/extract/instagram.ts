import { instagramDiscovery } from '#shared/platforms/instagram/discovery.ts'
import { instagramOwn } from '#shared/platforms/instagram/own.ts'
import type { Connector } from '#shared/platforms/platform.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { extractDeps, runExtract, type Served } from './handler.ts'

export const budgetMs = 240_000

/** One per instance of the function: connectors remember which fields the platform serves no more. */
const opened = new WeakMap<Ports, Served>()

/** Asks Instagram about the accounts that are due, others' by discovery, own ones with their owners' tokens. Called by its timer and by rings. */
export const run: Run<'extract-instagram'> = (ports, config, event, timeLeft) => {
  const served = opened.get(ports) ?? serve(ports, config)
  opened.set(ports, served)
  return runExtract(extractDeps(ports, config, config.EXTRACT_INSTAGRAM_QUEUE_URL), served, event, timeLeft)
}

function serve(ports: Ports, config: Config<'extract-instagram'>): Served {
  const common = {
    fetch: ports.fetch,
    version: config.INSTAGRAM_API_VERSION,
    onWithdrawn: (field: string) =>
      ports.log.error({ field }, 'Instagram serves this field no more: its column stays NULL from now on'),
  }
  const own: Connector = instagramOwn({
    ...common,
    baseUrl: config.INSTAGRAM_LOGIN_API_URL,
    callsPerHour: config.INSTAGRAM_ACCOUNT_CALLS_PER_HOUR,
  })
  const ownUserId = config.INSTAGRAM_USER_ID
  if (ownUserId === undefined)
    return { platform: 'instagram', connectors: { own_oauth: own, public_discovery: null } }
  const discovery = instagramDiscovery({
    ...common,
    baseUrl: config.INSTAGRAM_API_URL,
    appSecret: config.INSTAGRAM_APP_SECRET,
    ownUserId,
    callsPerHour: config.INSTAGRAM_APP_CALLS_PER_HOUR,
  })
  return { platform: 'instagram', connectors: { own_oauth: own, public_discovery: discovery } }
}

export const handler = cloudFunction('extract-instagram', budgetMs, run)
