import * as z from 'zod'
import { Address, OptionalSecret } from '../../model/setting.ts'
import { definePlatform } from '../definition.ts'
import { displayCalls, researchCalls } from './calls.ts'
import { tiktok as connector } from './connector.ts'
import { tiktokConsent } from './consent.ts'
import { appRemedy } from './errors.ts'
import { refreshTiktok } from './oauth.ts'
import { read } from './read.ts'
import { tiktokResearch } from './research.ts'
import { tiktokText } from './text.ts'

const planning = {
  /** Calls of each endpoint in any minute. */
  TIKTOK_CALLS_PER_MINUTE: z.coerce.number().int().min(2).default(600),
  /** An app that TikTok admitted to its Research API; absent: accounts are read by their owners' tokens only. */
  TIKTOK_RESEARCH_CLIENT_KEY: z.string().min(1).optional(),
  /** In a day of UTC. */
  TIKTOK_RESEARCH_CALLS_PER_DAY: z.coerce.number().int().positive().default(1_000),
  /** Nothing older is asked of the Research API, where each walk over everything takes a call for 30 days; absent: since 2016. */
  TIKTOK_RESEARCH_SINCE: z.iso
    .date('give a day such as 2020-01-31')
    .transform((day) => new Date(`${day}T00:00:00Z`))
    .optional(),
}
const api = { TIKTOK_API_URL: Address.default('https://open.tiktokapis.com') }
/** The app that owners grant access to. */
const app = {
  ...api,
  TIKTOK_CLIENT_KEY: z.string().min(1).optional(),
  TIKTOK_CLIENT_SECRET: OptionalSecret,
}

/** TikTok: accounts read by their owners' tokens, and those of others by an app for research. */
export const tiktok = definePlatform({
  name: 'tiktok',
  title: 'TikTok',
  appRemedy,
  handles: {
    pattern: /^@?[A-Za-z0-9._]{1,23}[A-Za-z0-9_]$/,
    says: 'a username has 2 to 24 letters of a to z, digits, underscores or dots, but no dot at the end',
    isNativeId: () => false,
    page: { host: /^(?:www\.|m\.)?tiktok\.com$/, path: /^\/(@[\w.]+)(?:\/(?:live)?)?$/ },
    others: [
      { address: /\/@[\w.]+\/(?:video|photo)\/|\/v\/\d+/, says: 'a video' },
      { address: /\/tag\//, says: 'a hashtag' },
      { address: /\/music\//, says: 'a sound' },
      { address: /^v[mt]\.tiktok\.com\/|\/t\/\w+/, says: 'a short link' },
      {
        address: /^[^/]+\/(?:explore|foryou|discover|following|live|search)(?:\/|$)/,
        says: 'a page of TikTok itself',
      },
    ],
  },
  text: tiktokText,
  // As recorded; each region has a name of its own.
  pictureHosts: ['tiktokcdn.com', 'tiktokcdn-us.com', 'tiktokcdn-eu.com', 'tiktokcdn-in.com', 'muscdn.com'],
  // For the job alone (TikTok Display API, terms).
  pictureRule: { isCopied: true, mostDays: 0 },
  reading: { ...planning, ...api, TIKTOK_RESEARCH_CLIENT_SECRET: OptionalSecret },
  planning,
  renewing: app,
  connecting: { ...app, TIKTOK_WINDOW_URL: Address.default('https://www.tiktok.com') },
  access: {
    own_oauth: {
      token: 'own',
      connector: ({ fetch, settings }) =>
        connector({
          fetch,
          baseUrl: settings.TIKTOK_API_URL,
          callsPerMinute: settings.TIKTOK_CALLS_PER_MINUTE,
        }),
      calls: (settings) => displayCalls({ callsPerMinute: settings.TIKTOK_CALLS_PER_MINUTE }),
    },
    research: {
      token: null,
      connector: ({ fetch, settings }) => {
        const { TIKTOK_RESEARCH_CLIENT_KEY: clientKey, TIKTOK_RESEARCH_CLIENT_SECRET: clientSecret } =
          settings
        if (!clientKey || !clientSecret) return null
        return tiktokResearch({
          ...{ fetch, clientKey, clientSecret, ...researchLimits(settings) },
          baseUrl: settings.TIKTOK_API_URL,
        })
      },
      calls: (settings) => researchCalls(researchLimits(settings)),
    },
  },
  openAccess: ({ TIKTOK_RESEARCH_CLIENT_KEY }) => (TIKTOK_RESEARCH_CLIENT_KEY ? 'research' : null),
  read,
  scrub: (body) => body,
  tokens: {
    canBeShared: false,
    needRefresh: true,
    // Access tokens live two hours and maintain comes every ten minutes (TikTok tokens).
    aheadMinutes: 75,
    renewal: (fetch, settings) => {
      const { TIKTOK_CLIENT_KEY: clientKey, TIKTOK_CLIENT_SECRET: clientSecret } = settings
      if (!clientKey || !clientSecret) return null
      const oauth = { fetch, baseUrl: settings.TIKTOK_API_URL, clientKey, clientSecret }
      return (token) => refreshTiktok(oauth, token)
    },
    consent: (fetch, settings) => {
      const { TIKTOK_CLIENT_KEY: clientKey, TIKTOK_CLIENT_SECRET: clientSecret } = settings
      if (!clientKey || !clientSecret) return null
      const { TIKTOK_API_URL: baseUrl, TIKTOK_WINDOW_URL: windowUrl } = settings
      return tiktokConsent({ fetch, baseUrl, windowUrl, clientKey, clientSecret })
    },
  },
})

const researchLimits = (settings: {
  readonly TIKTOK_RESEARCH_CALLS_PER_DAY: number
  readonly TIKTOK_RESEARCH_SINCE: Date | undefined
}) => ({
  callsPerDay: settings.TIKTOK_RESEARCH_CALLS_PER_DAY,
  since: settings.TIKTOK_RESEARCH_SINCE,
})
