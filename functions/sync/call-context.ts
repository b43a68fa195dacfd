import { type HashHandle, hasErasedHandles, hashHandles, isKeyOfErased } from '#shared/db/tables/erasures.ts'
import type { TaskAhead } from '#shared/db/views/forecast.ts'
import { Problem } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Following } from './follow.ts'
import { type Eta, etaOf } from './forecast/eta.ts'
import type { ApiWords } from './language.ts'
import type { CallContext } from './routes/route.ts'

/** Without a data key handles of erased accounts are not remembered, only their ids. */
export const hashHandleOf = async ({ dataKey }: CallContext): Promise<HashHandle | null> =>
  dataKey ? hashHandles(await dataKey()) : null

/**
 * The key is opened only where handles were erased. Without it an erased handle cannot be recognised: nothing is followed
 * then, and the caller is to try again.
 */
async function hashHandleIfNeeded(context: CallContext): Promise<HashHandle | null> {
  const { db, log } = context
  if (!(await hasErasedHandles(db))) return null
  try {
    const hashHandle = await hashHandleOf(context)
    if (hashHandle && (await isKeyOfErased(db, hashHandle))) return hashHandle
    log.error({}, 'this data key is not the one by which handles of erased accounts are known')
  } catch (error) {
    log.warn({ error }, 'handles of erased accounts cannot be known at this moment')
  }
  throw new Problem(503, 'unavailable', 'no account can be followed at this moment: try again later')
}

/** What decides here whether an account may be followed. */
export const followingOf = async (context: CallContext): Promise<Following> => ({
  hashHandle: await hashHandleIfNeeded(context),
  openAccess: context.openAccess,
  reach: context.caller.reach,
})

/** A page that shows a sync asks every other second: one estimate serves them all for a while. */
const lastingMs = 5_000
const mostKept = 200

/** When a sync that is open will be ready, as it looked at most five seconds ago. */
export async function lookAhead(
  { db, settings, callsOf, etas }: CallContext,
  jobId: string,
  words: ApiWords,
): Promise<Eta> {
  const name = `${jobId} ${words.language}`
  const known = etas.get(name)
  if (known && performance.now() - known.at < lastingMs) return known.eta
  const callsFor = ({ platform, access_mode }: TaskAhead) => callsOf(platform, access_mode)
  const eta = await etaOf(db, jobId, settings.lookBackDays, callsFor, words)
  etas.delete(name)
  etas.set(name, { eta, at: performance.now() })
  const [oldest] = etas.keys()
  if (etas.size > mostKept && oldest) etas.delete(oldest)
  return eta
}

/** Rings extract of a platform. A ring that is lost is repaired by its next tick. */
export async function startReading(
  { ringExtract, log }: CallContext,
  platform: Platform,
  ids: readonly string[] = [],
): Promise<void> {
  const failed = await ringExtract(platform)([{ v: 1, kind: 'extract', ids: [...ids] }])
  if (failed > 0) log.warn({ ids }, 'a ring was not sent, the next extract tick repairs it')
}
