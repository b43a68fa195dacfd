import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Platform } from '#shared/model/account.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { UserError } from './user-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Settings of the functions that a person may give for real platforms; the rest have defaults. */
const passedOn = [
  ...platforms.flatMap(({ reading, planning, renewing, connecting }) =>
    Object.keys({ ...reading, ...planning, ...renewing, ...connecting }),
  ),
  ...['ML_URL', 'ML_API_KEY', 'ML_PROVIDERS', 'ML_KEYS', 'ML_CALLBACK_KEYS', 'ML_RULES'],
  ...['LOOK_BACK_DAYS', 'FULL_WALK_DAYS', 'REFRESH_DAYS', 'REPORT_TIME_ZONE', 'AGENCY_NAME', 'MEDIA_URL'],
  ...['SMTP_URL', 'MAIL_FROM', 'TELEGRAM_BOT_TOKEN', 'TELEGRAM_URL', 'WEBHOOKS_TO'],
]

/** What each platform cannot do without, and where a person gets it. */
const needs: Readonly<Record<Platform, { readonly names: readonly string[]; readonly from: string }>> = {
  youtube: {
    names: ['YOUTUBE_API_KEY'],
    from: 'make a key for the YouTube Data API v3 in the Google Cloud console',
  },
  instagram: {
    names: ['INSTAGRAM_ACCESS_TOKEN'],
    from: 'generate a token for your app in the Meta App Dashboard; with INSTAGRAM_USER_ID, your own professional account, it looks others up',
  },
  tiktok: {
    names: ['TIKTOK_ACCESS_TOKEN', 'TIKTOK_REFRESH_TOKEN', 'TIKTOK_CLIENT_KEY', 'TIKTOK_CLIENT_SECRET'],
    from: 'they come from the consent that the account gave to your app by Login Kit',
  },
}

/** Platforms of accounts written as `platform:handle`. */
export const platformsOf = (accounts: readonly string[]): Platform[] =>
  platformNames.filter((platform) => accounts.some((account) => account.startsWith(`${platform}:`)))

/** The settings for these accounts. Throws a UserError that names every missing setting. */
export function liveEnv(accounts: readonly string[], env: Environment): Record<string, string> {
  for (const platform of platformsOf(accounts)) {
    const { names, from } = needs[platform] ?? { names: [], from: '' }
    const lacking = names.filter((name) => !env[name])
    if (lacking.length > 0) throw new UserError(`--live needs ${lacking.join(', ')}: ${from}`)
  }
  // A function needs its key even if no account of its platform is followed; it is never used then.
  const unused = { YOUTUBE_API_KEY: 'none-is-needed' }
  const given = passedOn.flatMap((name) => (env[name] ? [[name, env[name]]] : []))
  return { ...unused, ...Object.fromEntries(given) }
}

/**
 * Posts the tokens of an account to the API, unless the stored ones are still valid: they may have been refreshed since, and are
 * then newer than those of the environment.
 */
export async function giveTokens(
  url: string,
  key: string,
  db: Db,
  account: string,
  env: Environment,
): Promise<void> {
  const [platform, name = ''] = account.split(':')
  if (platform === 'youtube') return
  const isShared = platform === 'instagram' && Boolean(env['INSTAGRAM_USER_ID'])
  const handle = name.replace(/^@/, '')
  if (await hasTokens(db, platform ?? '', isShared ? null : handle)) return
  const tokens =
    platform === 'instagram'
      ? { access_token: env['INSTAGRAM_ACCESS_TOKEN'], access_expires_in: 59 * 86_400 }
      : {
          access_token: env['TIKTOK_ACCESS_TOKEN'],
          access_expires_in: 3_600,
          refresh_token: env['TIKTOK_REFRESH_TOKEN'],
        }
  const answer = await fetch(`${url}/v1/credentials`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ platform, ...(isShared ? {} : { handle }), ...tokens }),
  })
  if (answer.status !== 201) throw new UserError(`${account}: its tokens are refused: ${await answer.text()}`)
}

async function hasTokens(db: Db, platform: string, handle: string | null): Promise<boolean> {
  const isRenewed = platformOf(platform).tokens?.needRefresh === true
  const found = await db.rows(sql`
    select from credentials c left join accounts a on a.id = c.account_id
    where c.platform = ${platform} and c.status = 'ok'
      and coalesce(c.refresh_expires_at, case when ${isRenewed}::boolean then 'infinity' else c.access_expires_at end) > app_now()
      and (${handle}::text is null and a.id is null or lower(a.handle) = lower(${handle}))`)
  return found.length > 0
}
