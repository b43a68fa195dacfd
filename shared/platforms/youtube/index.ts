import * as z from 'zod'
import { Address, Secret } from '../../model/setting.ts'
import { definePlatform } from '../definition.ts'
import { youtubeCalls } from './calls.ts'
import { youtube as connector } from './connector.ts'
import { appRemedy } from './errors.ts'
import { read } from './read.ts'
import { youtubeSlices } from './slices.ts'
import { youtubeText } from './text.ts'

const perDay = z.coerce.number().int().positive().default(10_000)

const planning = {
  YOUTUBE_UNITS_PER_DAY: perDay,
  /** Calls of videos:batchGetStats, which have a bucket of their own. */
  YOUTUBE_STATS_CALLS_PER_DAY: perDay,
  YOUTUBE_CALLS_PER_MINUTE: z.coerce.number().int().positive().default(3_000),
}

/** YouTube, read with the key of an app. */
export const youtube = definePlatform({
  name: 'youtube',
  title: 'YouTube',
  appRemedy,
  handles: {
    // `user/` stands before the name of an account of before 2014, until its handle is known.
    pattern: /^(?:@?[\p{L}\p{M}\p{N}_.·-]{2,30}|user\/[A-Za-z0-9_-]{1,50})$/u,
    says: 'a handle has 2 to 30 letters, digits, dots, dashes or underscores',
    isNativeId: (name) => /^UC[A-Za-z0-9_-]{22}$/.test(name),
    page: {
      host: /^(?:www\.|m\.|music\.)?youtube\.com$/,
      path: /^\/(?:channel\/)?(@[^/]+|UC[\w-]{22}|user\/[\w-]+)(?:\/|$)/,
    },
    others: [
      { address: /^youtu\.be\/|youtube\.com\/(?:watch|shorts|live|embed|clip)\b/, says: 'a video' },
      { address: /youtube\.com\/playlist\b/, says: 'a playlist' },
      { address: /youtube\.com\/hashtag\//, says: 'a hashtag' },
      { address: /youtube\.com\/post\//, says: 'a post' },
      { address: /youtube\.com\/c\//, says: 'an old custom address, which YouTube resolves for no app' },
    ],
  },
  text: youtubeText,
  pictureHosts: ['ytimg.com', 'ggpht.com'],
  // Its links last, and what may be seen is not to be stored (YouTube Data API, developer policies).
  pictureRule: { isCopied: false, mostDays: 0 },
  reading: {
    ...planning,
    YOUTUBE_API_KEY: Secret,
    YOUTUBE_API_URL: Address.default('https://www.googleapis.com/youtube/v3'),
  },
  planning,
  renewing: {},
  connecting: {},
  access: {
    public_key: {
      token: null,
      connector: ({ fetch, settings }) =>
        connector({
          fetch,
          apiKey: settings.YOUTUBE_API_KEY,
          baseUrl: settings.YOUTUBE_API_URL,
          ...limitsOf(settings),
        }),
      calls: (settings) => youtubeCalls(limitsOf(settings)),
    },
  },
  openAccess: () => 'public_key',
  read,
  slices: youtubeSlices,
  scrub: (body) => body,
  tokens: null,
})

const limitsOf = (settings: { readonly [Name in keyof typeof planning]: number }) => ({
  unitsPerDay: settings.YOUTUBE_UNITS_PER_DAY,
  statsCallsPerDay: settings.YOUTUBE_STATS_CALLS_PER_DAY,
  callsPerMinute: settings.YOUTUBE_CALLS_PER_MINUTE,
})
