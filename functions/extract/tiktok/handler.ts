import { tiktok } from '#shared/platforms/tiktok/connector.ts'
import { tiktokResearch } from '#shared/platforms/tiktok/research.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads TikTok, each account with its owner's token, or with that of an app for research. */
export const fn = extractFunction({
  name: 'extract-tiktok',
  platform: 'tiktok',
  ownQueueUrl: (config) => config.EXTRACT_TIKTOK_QUEUE_URL,
  connectors: ({ fetch }, config) => {
    const { TIKTOK_RESEARCH_CLIENT_KEY: clientKey, TIKTOK_RESEARCH_CLIENT_SECRET: clientSecret } = config
    const common = { fetch, baseUrl: config.TIKTOK_API_URL }
    return {
      own_oauth: tiktok({ ...common, callsPerMinute: config.TIKTOK_CALLS_PER_MINUTE }),
      research:
        clientKey && clientSecret
          ? tiktokResearch({
              ...{ ...common, clientKey, clientSecret },
              callsPerDay: config.TIKTOK_RESEARCH_CALLS_PER_DAY,
              since: config.TIKTOK_RESEARCH_SINCE,
            })
          : null,
    }
  },
})

export const handler = cloudHandler(fn)
