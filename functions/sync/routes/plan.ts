import type { Queryable } from '#shared/db/pool.ts'
import { accountOfHandle } from '#shared/db/tables/accounts.ts'
import { erasedAmong } from '#shared/db/tables/erasures.ts'
import { clock } from '#shared/db/views/clock.ts'
import { type Ahead, aheadOf } from '#shared/db/views/forecast.ts'
import { PlatformName } from '#shared/platforms/index.ts'
import { Plan } from '../api/plan.ts'
import { followingOf } from '../call-context.ts'
import {
  type AccountName,
  bareHandle,
  checkFollowed,
  erased,
  type Following,
  nameKey,
  unsupported,
} from '../follow.ts'
import { outOfReach } from '../follow-many.ts'
import { listable, type Planned } from '../forecast/forecast.ts'
import { jobsDoneAt, jobsOf, weigh } from '../forecast/weigh.ts'
import { atPlace, StartSync } from '../start-sync.ts'
import { type CallContext, type Route, route } from './route.ts'

/** A function with 256 MB, 0.0531 USD for a GB-hour (Cloud Functions, prices); each answer takes a moment to be read too. */
const usdOf = (busyS: number, calls: number) => ((busyS + calls * 0.2) / 3_600) * 0.25 * 0.0531

export const planRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/plan',
    summary: 'What a sync would take before it runs: calls, quota, time, ML jobs, money; nothing is started',
    scope: 'read',
    isForClients: true,
    isKept: false,
    body: StartSync,
    status: 200,
    answer: Plan,
    serve: async ({ body, ...context }) => {
      const { db, settings } = context
      const now = await clock(context.db)
      const planned = await knownOf(context, body, now)
      const aheads = planned.map(({ ahead }) => ahead)
      const weighed = await weigh(db, planned, body.lane, now)
      const { pace, pools, starts_at, ends_at } = weighed
      const ml_jobs = jobsOf(planned, pace)
      const calls = sum(weighed.calls, (kind) => kind.calls)
      return {
        accounts: aheads.length,
        never_read: aheads.filter(({ posts }) => posts === null).length,
        posts: sum(planned, ({ ahead, calls: open }) => listable(ahead.wanted, open)),
        calls: weighed.calls.map((kind) => ({ ...kind, platform: PlatformName.parse(kind.platform) })),
        now: now.toISOString(),
        pools: pools.map(({ room: _room, starts_at: _starts, blocked_until, ends_at: end, ...pool }) => ({
          ...pool,
          blocked_until: blocked_until?.toISOString() ?? null,
          ends_at: end.toISOString(),
        })),
        starts_at: starts_at.toISOString(),
        rows_at: ends_at.toISOString(),
        ml_jobs,
        ready_at: jobsDoneAt(ends_at, ml_jobs, pace.job_s)?.toISOString() ?? null,
        usd: {
          functions: round(usdOf(weighed.busy_s, calls)),
          ml_jobs:
            ml_jobs === null || settings.mlJobUsd === undefined ? null : round(ml_jobs * settings.mlJobUsd),
        },
      }
    },
  }),
]

const sum = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((total, item) => total + of(item), 0)
const round = (usd: number) => Math.round(usd * 1_000_000) / 1_000_000

type RequestedAccount = StartSync['accounts'][number]

/** What is known of these accounts, each once, in the way they would be asked about. */
async function knownOf(context: CallContext, { accounts, mode }: StartSync, now: Date): Promise<Planned[]> {
  const following = await followingOf(context)
  const planned = new Map<string, Planned>()
  for (const [index, asked] of accounts.entries()) {
    const one = await atPlace(accounts, index, () => plannedOne(context, { asked, mode, now, following }))
    planned.set(one.ahead.account_id || nameKey(asked), one)
  }
  return [...planned.values()]
}

interface Planning {
  readonly asked: RequestedAccount
  readonly mode: StartSync['mode']
  readonly now: Date
  readonly following: Following
}

/** Throws a Problem 422 for an account that cannot be read. */
async function plannedOne(context: CallContext, planning: Planning): Promise<Planned> {
  const ahead = await aheadOne(context, planning)
  const calls = context.callsOf(ahead.platform, ahead.access_mode)
  if (!calls) throw unsupported(ahead.platform, ahead.handle ?? ahead.native_id ?? '')
  return { ahead, calls }
}

/** An imported account is planned in the access mode that a sync would give it. */
async function aheadOne({ db, settings }: CallContext, planning: Planning): Promise<Ahead> {
  const { asked, mode, now, following } = planning
  const id = 'account_id' in asked ? asked.account_id : await idOfName(db, asked, following)
  const [followed] = id
    ? await aheadOf(db, [id], { mode, lookBackDays: settings.lookBackDays, reach: following.reach })
    : []
  if ('account_id' in asked) return checkFollowed(followed)
  if (id && !followed) throw outOfReach('handle', 'this key follows it for no client')
  if (followed && followed.access_mode !== 'import') return followed
  const ahead = followed ?? unknownOne(asked, now)
  const access_mode = following.openAccess(ahead.platform)
  if (!access_mode) throw unsupported(ahead.platform, ahead.handle ?? ahead.native_id ?? '')
  return { ...ahead, access_mode }
}

async function idOfName(
  db: Queryable,
  named: AccountName,
  { hashHandle }: Following,
): Promise<string | undefined> {
  const { platform } = named
  const name = bareHandle(named)
  if ((await erasedAmong(db, [{ platform, name }], hashHandle)).size > 0) throw erased()
  return (await accountOfHandle(db, platform, name))?.id
}

function unknownOne(named: AccountName, now: Date): Omit<Ahead, 'access_mode'> {
  const { platform } = named
  const about = { account_id: '', platform, status: 'active', handle: bareHandle(named), native_id: null }
  return { ...about, posts: null, wanted: 0, since: null, fresh: 0, now }
}
