import pMap from 'p-map'
import { AccountGone, RetryableError } from '#shared/errors.ts'
import type { Subject } from '#shared/model/account.ts'
import type { Cursor } from '#shared/model/sync.ts'
import { advanced, pages, type WalkGoal } from '#shared/platforms/pages.ts'
import type { LookupAnswer } from '#shared/platforms/platform.ts'
import { ask, reserved, split } from './ask.ts'
import type { Batch } from './deps.ts'
import { guarded, halvesOf } from './guarded.ts'
import { type Hand, inHand, isListing } from './hand.ts'
import { type Keeping, keep } from './keep.ts'
import { lookUpPosts } from './posts.ts'

/** One of the two steps of a sync. */
export interface Step {
  /** Whether it has something to do for a task. */
  readonly needs: (hand: Hand) => boolean
  /** Does some of it for the tasks in hand: so much that others are served soon. */
  readonly turn: (batch: Batch) => Promise<void>
}

/** The profile of an account, then its posts. Each step only stores the answers that it gets. */
export const steps = {
  profile: { needs: ({ cursor }) => !cursor.profile, turn: readProfiles },
  posts: { needs: ({ cursor }) => cursor.profile, turn: readPosts },
} as const satisfies Record<string, Step>

export type StepName = keyof typeof steps
export type Steps = Partial<Record<StepName, Step>>

const inFlight = 8
/** Limits of one turn: calls for profiles, pages of lists, and calls for posts. */
const most = { profiles: 16, lists: 16, lookups: 6 }

/** Finds the accounts, many by one call where the platform can; an account not found, or without a list, ends its walk. */
async function readProfiles(batch: Batch): Promise<void> {
  const { profiles } = batch.connector
  const lookUp = async (hands: readonly Hand[]): Promise<void> => {
    if (!batch.goesOn() || hands.length === 0) return
    const subjects = hands.map((hand) => hand.task)
    const call = { endpoint: profiles.endpoint, need: profiles.need(subjects) }
    const answer = await ask(batch, hands, call, () => profiles.ask(subjects, batch.signal))
    if (answer === split) for (const half of halvesOf(hands)) await lookUp(half)
    if (!answer || answer === split) return
    const keepings: Keeping[] = []
    for (const hand of hands)
      await guarded(batch, [hand], call, async () => void keepings.push(profileOf(batch, hand, answer)))
    if (keepings.length > 0) await guarded(batch, hands, call, () => keep(batch, keepings))
  }
  const fresh = batch.hands.filter((hand) => inHand(hand) && !hand.cursor.profile)
  const batches = profiles.batches(fresh, (hand) => hand.task).slice(0, most.profiles)
  await pMap(batches, lookUp, { concurrency: inFlight })
}

/**
 * The part of an answer that is about one account. Throws when the answer leaves the account out, and when it does not find one
 * that was seen before: that refusal is weighed against those of the other accounts.
 */
function profileOf(batch: Batch, hand: Hand, answer: LookupAnswer<Subject>): Keeping {
  const { profiles, list } = batch.connector
  const { body, found, list_ref, posts, unanswered, listing } = answer.partFor([hand.task])
  if (unanswered.length > 0)
    throw new RetryableError('the answer says nothing of this account', { reason: 'platform' })
  if (found === 0 && hand.task.is_known)
    throw new AccountGone('the platform does not find it', 'missing', { code: 'not_found', isCertain: true })
  const ended = found === 0 ? 'missing' : list_ref === null ? 'platform' : null
  const floor = list.floor?.toISOString() ?? null
  const begun: Cursor = { ...hand.cursor, profile: true, list_ref, expected: posts, floor, ended }
  const isBegun = listing !== null && ended === null
  const cursor = isBegun ? advanced(begun, listing, list.cap, goalOf(batch, hand)) : begun
  const { endpoint } = profiles
  const { answeredAt } = answer
  return { hand, cursor, endpoint, page_no: 1, body, asked: null, answeredAt, isEmpty: found === 0 }
}

/** Reads lists on by a page, those first that had the fewest turns, and looks up the posts that they name. */
async function readPosts(batch: Batch): Promise<void> {
  const listing = batch.hands
    .filter((hand) => isListing(hand) && hand.cursor.profile)
    .sort((a, b) => a.turns - b.turns)
    .slice(0, most.lists)
  const readOn = async (hand: Hand) => (batch.goesOn() ? listOnce(batch, hand) : undefined)
  await pMap(listing, readOn, { concurrency: inFlight })
  await lookUpPosts(batch, most.lookups)
}

const goalOf = ({ lookBackMs }: Batch, { task }: Hand): WalkGoal => ({
  mode: task.mode,
  watermark: task.watermark,
  lookBackMs,
  now: task.claimed_at,
})

/** One page of one list. */
async function listOnce(batch: Batch, hand: Hand): Promise<void> {
  const { list } = batch.connector
  const { endpoint } = list
  const call = { endpoint, need: list.need(hand.task) }
  const askPage = (at: Cursor) => reserved(batch, [hand], call, () => list.ask(hand.task, at, batch.signal))
  hand.turns += 1
  await guarded(batch, [hand], call, async () => {
    const walk = pages(askPage, () => hand.cursor, list.cap, goalOf(batch, hand))
    const page = await hand.span.within(() => walk.next())
    if (page.done) return
    const { listing, cursor } = page.value
    const { body, answeredAt } = listing
    await keep(batch, [{ hand, cursor, endpoint, page_no: cursor.page_no, body, asked: null, answeredAt }])
  })
}
