import { instagramDiscovery } from '#shared/platforms/instagram/discovery.ts'
import { instagramOwn } from '#shared/platforms/instagram/own.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads Instagram: others' accounts by discovery, own ones with their owners' tokens. */
export const fn = extractFunction({
  name: 'extract-instagram',
  platform: 'instagram',
  ownQueueUrl: (config) => config.EXTRACT_INSTAGRAM_QUEUE_URL,
  connectors: ({ fetch, log }, config) => {
    const common = {
      fetch,
      version: config.INSTAGRAM_API_VERSION,
      onWithdrawn: (field: string) =>
        log.error({ field }, 'Instagram serves this field no more: its column stays NULL from now on'),
    }
    const ownUserId = config.INSTAGRAM_USER_ID
    return {
      own_oauth: instagramOwn({
        ...common,
        baseUrl: config.INSTAGRAM_LOGIN_API_URL,
        callsPerHour: config.INSTAGRAM_ACCOUNT_CALLS_PER_HOUR,
      }),
      public_discovery:
        ownUserId === undefined
          ? null
          : instagramDiscovery({
              ...{ ...common, ownUserId, appSecret: config.INSTAGRAM_APP_SECRET },
              baseUrl: config.INSTAGRAM_API_URL,
              callsPerHour: config.INSTAGRAM_APP_CALLS_PER_HOUR,
            }),
    }
  },
})

export const handler = cloudHandler(fn)
