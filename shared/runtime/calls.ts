import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { Calls } from '#shared/platforms/calls.ts'
import { discoveryCalls, ownCalls } from '#shared/platforms/instagram/calls.ts'
import { displayCalls, researchCalls } from '#shared/platforms/tiktok/calls.ts'
import { youtubeCalls } from '#shared/platforms/youtube/calls.ts'
import type { Config } from './config.ts'

/** The calls by which an account is read; null: by this right none is asked about. */
export function callsOf(config: Config<'sync'>, platform: Platform, mode: AccessMode): Calls | null {
  const open: Partial<Record<`${Platform} ${AccessMode}`, () => Calls>> = {
    'youtube public_key': () =>
      youtubeCalls({
        unitsPerDay: config.YOUTUBE_UNITS_PER_DAY,
        statsCallsPerDay: config.YOUTUBE_STATS_CALLS_PER_DAY,
        callsPerMinute: config.YOUTUBE_CALLS_PER_MINUTE,
      }),
    'instagram public_discovery': () => discoveryCalls({ callsPerHour: config.INSTAGRAM_APP_CALLS_PER_HOUR }),
    'instagram own_oauth': () => ownCalls({ callsPerHour: config.INSTAGRAM_ACCOUNT_CALLS_PER_HOUR }),
    'tiktok own_oauth': () => displayCalls({ callsPerMinute: config.TIKTOK_CALLS_PER_MINUTE }),
    'tiktok research': () =>
      researchCalls({
        callsPerDay: config.TIKTOK_RESEARCH_CALLS_PER_DAY,
        since: config.TIKTOK_RESEARCH_SINCE,
      }),
  }
  return open[`${platform} ${mode}`]?.() ?? null
}
