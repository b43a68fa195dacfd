const hourMs = 3_600_000
/** Headers appear only after enough calls (Graph API rate limits). */
const enough = 10

/** A rolling hour of calls under each key; calls made while throttled count too, and prolong it. */
export function openUsage(now: () => Date, callsPerHour: number) {
  const calls = new Map<string, number[]>()
  const recent = (key: string): number[] => {
    const since = now().getTime() - hourMs
    const kept = (calls.get(key) ?? []).filter((at) => at > since)
    calls.set(key, kept)
    return kept
  }
  const percent = (count: number) => Math.floor((100 * count) / callsPerHour)
  return {
    /** Counts a call; whether it is one too many, and the percentage for the headers. */
    call: (key: string) => {
      const counted = recent(key)
      counted.push(now().getTime())
      const over = counted.length > callsPerHour
      const oldest = counted[counted.length - callsPerHour] ?? counted[0] ?? 0
      const regainMinutes = over ? Math.ceil((oldest + hourMs - now().getTime()) / 60_000) : 0
      return { over, percent: percent(counted.length), isReported: counted.length >= enough, regainMinutes }
    },
  }
}

type Usage = ReturnType<ReturnType<typeof openUsage>['call']>

export const appHeaders = ({ isReported, percent }: Usage): Record<string, string> => {
  const use = {
    call_count: percent,
    total_time: Math.floor(percent / 2),
    total_cputime: Math.floor(percent / 3),
  }
  return isReported ? { 'x-app-usage': JSON.stringify(use) } : {}
}

export const accountHeaders = (
  id: string,
  { isReported, percent, regainMinutes }: Usage,
): Record<string, string> => {
  const use = {
    type: 'instagram',
    call_count: percent,
    total_cputime: Math.floor(percent / 3),
    total_time: Math.floor(percent / 2),
    estimated_time_to_regain_access: regainMinutes,
  }
  return isReported ? { 'x-business-use-case-usage': JSON.stringify({ [id]: [use] }) } : {}
}
