import * as z from 'zod'
import { Address, OptionalSecret } from '../../model/setting.ts'
import { definePlatform } from '../definition.ts'
import { discoveryCalls, ownCalls } from './calls.ts'
import { instagramConsent } from './consent.ts'
import { instagramDiscovery } from './discovery.ts'
import { appRemedy } from './errors.ts'
import { refreshInstagram } from './oauth.ts'
import { instagramOwn } from './own.ts'
import { read } from './read.ts'
import { scrub } from './scrub.ts'
import { instagramText } from './text.ts'

const perHour = z.coerce.number().int().positive().default(200)

const planning = {
  /** 200 for each daily user of the app. */
  INSTAGRAM_APP_CALLS_PER_HOUR: perHour,
  INSTAGRAM_ACCOUNT_CALLS_PER_HOUR: perHour,
}
const renewing = {
  /** For accounts read by their owners' tokens (Instagram Login). */
  INSTAGRAM_LOGIN_API_URL: Address.default('https://graph.instagram.com'),
}

const versioned = {
  INSTAGRAM_API_VERSION: z
    .string()
    .regex(/^v\d{1,3}\.\d$/, 'give a version such as v25.0')
    .default('v25.0'),
}

/** Instagram: accounts of others looked up with one shared token, own ones read by their owners' tokens. */
export const instagram = definePlatform({
  name: 'instagram',
  title: 'Instagram',
  appRemedy,
  handles: {
    pattern: /^@?[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?$/,
    says: 'a username has 1 to 30 letters of a to z, digits, underscores or dots, but no dot at either end',
    isNativeId: () => false,
    page: {
      host: /^(?:www\.|m\.)?(?:instagram\.com|instagr\.am)$/,
      path: /^\/([\w.]+)(?:\/(?:reels|tagged|channel))?\/?$/,
    },
    others: [
      { address: /\/(?:[\w.]+\/)?(?:p|reel|tv)\/[\w-]+|\/reels\/[\w-]+\/?$/, says: 'a post' },
      { address: /\/explore\/tags\//, says: 'a hashtag' },
      { address: /^[^/]+\/stories\//, says: 'a story' },
      {
        address: /^[^/]+\/(?:explore|reels|direct|accounts|about|legal|developer|web)(?:\/|$)/,
        says: 'a page of Instagram itself',
      },
    ],
  },
  text: instagramText,
  pictureHosts: ['cdninstagram.com', 'fbcdn.net'],
  // Deleted when it is not needed any more (Instagram API, platform terms).
  pictureRule: { isCopied: true, mostDays: 30 },
  reading: {
    ...planning,
    ...renewing,
    /** For accounts looked up with the shared token of a Facebook Login app. */
    INSTAGRAM_API_URL: Address.default('https://graph.facebook.com'),
    ...versioned,
    /** Our own professional account, on whose behalf others are looked up; absent: none is. */
    INSTAGRAM_USER_ID: z.string().regex(/^\d+$/, 'give the number of an Instagram user').optional(),
    /** Signs calls where the app demands it. */
    INSTAGRAM_APP_SECRET: OptionalSecret,
  },
  planning,
  renewing,
  connecting: {
    ...renewing,
    ...versioned,
    /** Of the app as Instagram has it, under `API setup with Instagram login`; not the id of the Meta app. */
    INSTAGRAM_LOGIN_APP_ID: z.string().regex(/^\d+$/, 'give the number of the Instagram app').optional(),
    INSTAGRAM_LOGIN_APP_SECRET: OptionalSecret,
    INSTAGRAM_LOGIN_WINDOW_URL: Address.default('https://www.instagram.com'),
    INSTAGRAM_LOGIN_CODE_URL: Address.default('https://api.instagram.com'),
  },
  access: {
    public_discovery: {
      token: 'shared',
      connector: ({ fetch, settings, onWithdrawn }) => {
        const { INSTAGRAM_USER_ID: ownUserId } = settings
        if (ownUserId === undefined) return null
        return instagramDiscovery({
          ...{ fetch, onWithdrawn, ownUserId },
          appSecret: settings.INSTAGRAM_APP_SECRET,
          version: settings.INSTAGRAM_API_VERSION,
          baseUrl: settings.INSTAGRAM_API_URL,
          callsPerHour: settings.INSTAGRAM_APP_CALLS_PER_HOUR,
        })
      },
      calls: (settings) => discoveryCalls({ callsPerHour: settings.INSTAGRAM_APP_CALLS_PER_HOUR }),
    },
    own_oauth: {
      token: 'own',
      connector: ({ fetch, settings, onWithdrawn }) =>
        instagramOwn({
          ...{ fetch, onWithdrawn },
          version: settings.INSTAGRAM_API_VERSION,
          baseUrl: settings.INSTAGRAM_LOGIN_API_URL,
          callsPerHour: settings.INSTAGRAM_ACCOUNT_CALLS_PER_HOUR,
        }),
      calls: (settings) => ownCalls({ callsPerHour: settings.INSTAGRAM_ACCOUNT_CALLS_PER_HOUR }),
    },
  },
  openAccess: () => 'public_discovery',
  read,
  scrub: (body) => scrub(body, ''),
  tokens: {
    canBeShared: true,
    needRefresh: false,
    // Tokens live 60 days and are renewed weekly (Instagram tokens).
    aheadMinutes: 53 * 24 * 60,
    renewal: (fetch, { INSTAGRAM_LOGIN_API_URL: baseUrl }) => {
      return (token, signal) => refreshInstagram({ fetch, baseUrl }, token, signal)
    },
    consent: (fetch, settings) => {
      const { INSTAGRAM_LOGIN_APP_ID: clientId, INSTAGRAM_LOGIN_APP_SECRET: clientSecret } = settings
      if (!clientId || !clientSecret) return null
      return instagramConsent({
        ...{ fetch, clientId, clientSecret },
        windowUrl: settings.INSTAGRAM_LOGIN_WINDOW_URL,
        tokenUrl: settings.INSTAGRAM_LOGIN_CODE_URL,
        graphUrl: settings.INSTAGRAM_LOGIN_API_URL,
        version: settings.INSTAGRAM_API_VERSION,
      })
    },
  },
})
