import { youtube } from '#shared/platforms/youtube/connector.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads YouTube with the key of an app. */
export const fn = extractFunction({
  name: 'extract-youtube',
  platform: 'youtube',
  ownQueueUrl: (config) => config.EXTRACT_YOUTUBE_QUEUE_URL,
  connectors: ({ fetch }, config) => ({
    public_key: youtube({
      fetch,
      apiKey: config.YOUTUBE_API_KEY,
      baseUrl: config.YOUTUBE_API_URL,
      unitsPerDay: config.YOUTUBE_UNITS_PER_DAY,
      statsCallsPerDay: config.YOUTUBE_STATS_CALLS_PER_DAY,
      callsPerMinute: config.YOUTUBE_CALLS_PER_MINUTE,
    }),
  }),
})

export const handler = cloudHandler(fn)
