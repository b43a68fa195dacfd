import * as z from 'zod'

/** Percent of a rolling window; throttled at 100 (Graph API rate limits). */
const Use = z.object({
  call_count: z.number().default(0),
  total_time: z.number().default(0),
  total_cputime: z.number().default(0),
  /** Minutes. */
  estimated_time_to_regain_access: z.number().default(0),
})
const AppUsage = Use
const BusinessUsage = z.record(z.string(), z.array(Use))

function headerAs<T>(headers: Headers, name: string, schema: z.ZodType<T>): T | undefined {
  const value = headers.get(name)
  try {
    return value === null ? undefined : schema.safeParse(JSON.parse(value)).data
  } catch {
    return undefined
  }
}

const fullest = ({ call_count, total_time, total_cputime }: z.infer<typeof Use>) =>
  Math.max(call_count, total_time, total_cputime)

/** Share of the app's rolling hour that is used, 0 to 1 or more; undefined: the answer does not say. */
export function appShare(headers: Headers): number | undefined {
  const use = headerAs(headers, 'x-app-usage', AppUsage)
  return use && fullest(use) / 100
}

const businessUses = (headers: Headers) =>
  Object.values(headerAs(headers, 'x-business-use-case-usage', BusinessUsage) ?? {}).flat()

/** Share of an account's own allowance that is used; undefined: the answer does not say. */
export function accountShare(headers: Headers): number | undefined {
  const uses = businessUses(headers)
  return uses.length === 0 ? undefined : Math.max(...uses.map(fullest)) / 100
}

/** How long until access is regained, in milliseconds, where the platform estimates it. */
export function regainMs(headers: Headers): number | undefined {
  const minutes = Math.max(0, ...businessUses(headers).map((use) => use.estimated_time_to_regain_access))
  return minutes > 0 ? minutes * 60_000 : undefined
}
