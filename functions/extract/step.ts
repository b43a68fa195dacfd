import pMap from 'p-map'
import { finishTasks } from '#shared/db/finish-tasks.ts'
import { endAskedRefreshes } from '#shared/db/sync-jobs.ts'
import { type ClaimedTask, failWalks, releaseTasks } from '#shared/db/sync-tasks.ts'
import { AccountGone, RetryableError } from '#shared/errors.ts'
import type { AccessMode, Subject } from '#shared/model/account.ts'
import type { Cursor } from '#shared/model/sync.ts'
import { advanced, pages, type WalkGoal } from '#shared/platforms/pages.ts'
import type { LookupAnswer } from '#shared/platforms/platform.ts'
import { ask, reserved, split } from './ask.ts'
import type { AskDeps, ExtractDeps, Fared } from './deps.ts'
import { guarded, halvesOf } from './guarded.ts'
import { type Hand, inHand, isListing, take } from './hand.ts'
import { type Keeping, keep } from './keep.ts'
import { leaseKeeper } from './lease.ts'
import { lookUpPosts } from './posts.ts'
import { settleRefused } from './record.ts'
import { aimAtDuePosts } from './refresh.ts'
import { type Ringer, ringer } from './rings.ts'
import { withTokens } from './tokens.ts'

const inFlight = 8

/**
 * Walks claimed tasks, whose accounts are read by one right, until all have ended, wait, or time runs out; then the rest
 * is given back with its cursor. Calls that carry many accounts or ids are made for all tasks in hand together.
 * @param isAppRefused whether the app was refused before: a good answer ends that
 */
export async function extract(
  extractDeps: ExtractDeps,
  access_mode: AccessMode,
  tasks: readonly ClaimedTask[],
  timeLeft: () => boolean,
  isAppRefused = false,
): Promise<void> {
  const hands = await withoutExhausted(extractDeps, tasks)
  const fared: Fared = { refused: [], answered: new Map(), isAppRefused }
  const deps = { ...extractDeps, access_mode, fared, keepLeases: leaseKeeper(extractDeps, hands) }
  try {
    await walkAll(deps, hands, timeLeft)
  } finally {
    for (const { span, state, cursor } of hands) {
      span.set({
        'social_sync.state': state,
        'social_sync.pages': cursor.page_no,
        'social_sync.walk': cursor.walk,
      })
      span.end()
    }
  }
  const ids = tasks.map((task) => task.id)
  if (hands.some(({ task }) => task.mode === 'refresh')) await endAskedRefreshes(extractDeps.db, ids)
  await finishTasks(extractDeps.db, ids)
}

/** In one turn so many accounts are looked up one by one, lists read on by a page, and calls for many posts made. */
const turn = { profiles: 16, lists: 16, lookups: 6 }

/** Turn by turn, so that those who wait for a sync are served between, and every walk comes on. */
async function walkAll(deps: AskDeps, hands: readonly Hand[], timeLeft: () => boolean): Promise<void> {
  const rings = ringer(deps)
  await aimAtDuePosts(deps, hands)
  const walks = new Map(hands.map((hand) => [hand, walkOf(deps, hand)]))
  const listOne = async (hand: Hand) =>
    timeLeft() ? listOnce(deps, hand, walks.get(hand), rings) : undefined
  const order = [...hands]
  while (timeLeft() && hands.some(inHand)) {
    await deps.serveUrgent(deps.keepLeases)
    await lookUpProfiles(deps, hands, rings, timeLeft)
    const listing = order.filter((hand) => isListing(hand) && hand.cursor.profile).slice(0, turn.lists)
    await pMap(listing, listOne, { concurrency: inFlight })
    // Whoever had a turn comes last in the next.
    order.sort((a, b) => Number(listing.includes(a)) - Number(listing.includes(b)))
    await lookUpPosts(deps, hands, rings, { timeLeft, most: turn.lookups })
    await settleRefused(deps)
  }
  await rings.ring()
  await giveBack(deps, hands.filter(inHand))
}

/** Time has run out: the tasks go back with their cursors, and one ring goes on with them. */
async function giveBack(deps: ExtractDeps, hands: readonly Hand[]): Promise<void> {
  if (hands.length === 0) return
  await releaseTasks(
    deps.db,
    hands.map((hand) => hand.task),
  )
  await deps.ringExtract([{ v: 1, kind: 'extract' }])
}

/** A task claimed again and again without a page kept kills its process; it is given up before it does so again. */
async function withoutExhausted(deps: ExtractDeps, tasks: readonly ClaimedTask[]): Promise<Hand[]> {
  const exhausted = tasks.filter((task) => task.attempts > deps.taskAttempts)
  await failWalks(deps.db, exhausted, `given up after ${deps.taskAttempts} attempts without an answer kept`)
  const fit = tasks.filter((task) => task.attempts <= deps.taskAttempts)
  return (await withTokens(deps, fit)).map(take)
}

/** Finds the accounts, many by one call where the platform can; an account not found, or without a list, ends its walk. */
async function lookUpProfiles(
  deps: AskDeps,
  hands: readonly Hand[],
  rings: Ringer,
  timeLeft: () => boolean,
): Promise<void> {
  const { profiles } = deps.connector
  const lookUp = async (batch: readonly Hand[]): Promise<void> => {
    if (!timeLeft() || batch.length === 0) return
    const subjects = batch.map((hand) => hand.task)
    const call = { endpoint: profiles.endpoint, need: profiles.need(subjects) }
    const answer = await ask(deps, batch, call, () => profiles.ask(subjects))
    if (answer === split) for (const half of halvesOf(batch)) await lookUp(half)
    if (!answer || answer === split) return
    const keepings: Keeping[] = []
    for (const hand of batch)
      await guarded(deps, [hand], call, async () => void keepings.push(keepingOf(deps, hand, answer)))
    if (keepings.length > 0)
      await guarded(deps, batch, call, async () => rings.kept(await keep(deps, keepings)))
  }
  const fresh = hands.filter((hand) => inHand(hand) && !hand.cursor.profile)
  const batches = profiles.batches(fresh, (hand) => hand.task).slice(0, turn.profiles)
  await pMap(batches, lookUp, { concurrency: inFlight })
}

/**
 * The part of an answer that is about one account. Throws when it is not to be believed about it; that one is gone which
 * was seen before is weighed against how others fare.
 */
function keepingOf(deps: AskDeps, hand: Hand, answer: LookupAnswer<Subject>): Keeping {
  const { profiles, list } = deps.connector
  const { body, found, list_ref, posts, unanswered, listing } = answer.partFor([hand.task])
  if (unanswered.length > 0)
    throw new RetryableError('the answer says nothing of this account', { reason: 'platform' })
  if (found === 0 && hand.task.is_known)
    throw new AccountGone('the platform does not find it', 'missing', { code: 'not_found', isCertain: true })
  const ended = found === 0 ? 'missing' : list_ref === null ? 'platform' : null
  const floor = list.floor?.toISOString() ?? null
  const begun: Cursor = { ...hand.cursor, profile: true, list_ref, expected: posts, floor, ended }
  const isBegun = listing !== null && ended === null
  const cursor = isBegun ? advanced(begun, listing, list.cap, goalOf(deps, hand)) : begun
  const { endpoint } = profiles
  const { answeredAt } = answer
  return { hand, cursor, endpoint, page_no: 1, body, asked: null, answeredAt, isEmpty: found === 0 }
}

type Walk = ReturnType<typeof pages>

function walkOf(deps: AskDeps, hand: Hand): Walk {
  const { list } = deps.connector
  const call = { endpoint: list.endpoint, need: list.need(hand.task) }
  const askPage = (at: Cursor) => reserved(deps, [hand], call, () => list.ask(hand.task, at))
  return pages(askPage, () => hand.cursor, list.cap, goalOf(deps, hand))
}

const goalOf = ({ lookBackMs }: AskDeps, { task }: Hand): WalkGoal => ({
  mode: task.mode,
  watermark: task.watermark,
  lookBackMs,
  now: task.claimed_at,
})

/** One page of one walk. */
async function listOnce(deps: AskDeps, hand: Hand, walk: Walk | undefined, rings: Ringer): Promise<void> {
  const { endpoint, need } = deps.connector.list
  await guarded(deps, [hand], { endpoint, need: need(hand.task) }, async () => {
    const step = await hand.span.within(async () => walk?.next())
    if (!step || step.done) return
    const { listing, cursor } = step.value
    const { body, answeredAt } = listing
    await rings.kept(
      await keep(deps, [{ hand, cursor, endpoint, page_no: cursor.page_no, body, asked: null, answeredAt }]),
    )
  })
}
