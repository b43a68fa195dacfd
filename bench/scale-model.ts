/** What a sync of an account takes, as measured (docs/performance.md). */
export interface Load {
  readonly accounts: number
  /** Each account is due so often. */
  readonly hoursBetween: number
  /** Calls of the platform for one sync; less than one where a call carries many accounts. */
  readonly callsPerSync: number
  readonly msPerCall: number
  /** Of a worker's core. */
  readonly cpuMsPerSync: number
  /**
   * Share of the accounts that are due at once when it begins, as after an outage of the workers. They are due together from then on, since an
   * account is due so long after its task was made.
   */
  readonly dueAtStart: number
}

export interface Means {
  readonly workers: number
  /** Calls of a platform that a worker makes at once. */
  readonly callsAtOnce: number
  /** Windows of the platform, from zero each period. */
  readonly quotas: readonly { readonly calls: number; readonly periodSeconds: number }[]
}

/** How it went, over the last of the days. */
export interface Outcome {
  /** Syncs of the last day. */
  readonly synced: number
  /** Hours from due to read that half, and 95 of 100, of the last day's syncs took at most. */
  readonly delayHours: { readonly half: number; readonly most: number }
  /** Syncs that are due and not read at the end. */
  readonly waiting: number
  /** Of the workers' cores together. */
  readonly coresBusy: number
  /** Hours from the beginning until nothing waited for the first time; null: never. */
  readonly caughtUpHours: number | null
}

const daySeconds = 86_400

/**
 * Runs days second by second: accounts come due at an even pace and are read first come, first served, as fast as calls at once, cores and
 * quotas let them. Due again while it waits counts once, since an account has one walk.
 */
export function simulate(load: Load, means: Means, days: number): Outcome {
  const period = load.hoursBetween * 3_600
  const together = load.accounts * load.dueAtStart
  const perSecond = (load.accounts - together) / period
  const fastest =
    means.workers *
    Math.min((means.callsAtOnce * 1_000) / (load.callsPerSync * load.msPerCall), 1_000 / load.cpuMsPerSync)
  const queue = new Arrivals()
  const quotas = new Quotas(means.quotas, load.callsPerSync)
  const delays: [seconds: number, syncs: number][] = []
  let caughtUp: number | null = null
  const end = days * daySeconds
  for (let second = 0; second < end; second += 1) {
    // An account that waits is not due once more.
    const due = perSecond + (second % period === 0 ? together : 0)
    queue.add(second, Math.min(due, Math.max(0, load.accounts - queue.size)))
    const served = queue.take(Math.min(fastest, quotas.allowed(second)))
    quotas.use(served.reduce((sum, { syncs }) => sum + syncs, 0))
    if (second >= end - daySeconds)
      delays.push(...served.map(({ since, syncs }) => [second - since, syncs] as [number, number]))
    if (queue.size < Math.max(perSecond, 1)) caughtUp ??= second / 3_600
  }
  const synced = delays.reduce((sum, [, syncs]) => sum + syncs, 0)
  return {
    synced,
    delayHours: { half: share(delays, 0.5) / 3_600, most: share(delays, 0.95) / 3_600 },
    waiting: Math.max(0, queue.size),
    coresBusy: (synced * load.cpuMsPerSync) / 1_000 / daySeconds,
    caughtUpHours: caughtUp,
  }
}

/** What is left of the windows of a platform. */
class Quotas {
  readonly #windows: Means['quotas']
  readonly #callsPerSync: number
  readonly #used: number[]

  constructor(windows: Means['quotas'], callsPerSync: number) {
    this.#windows = windows
    this.#callsPerSync = callsPerSync
    this.#used = windows.map(() => 0)
  }

  /** Syncs that all windows let through in this second. */
  allowed(second: number): number {
    const left = this.#windows.map(({ calls, periodSeconds }, index) => {
      if (second % periodSeconds === 0) this.#used[index] = 0
      return (calls - (this.#used[index] ?? 0)) / this.#callsPerSync
    })
    return Math.min(Infinity, ...left)
  }

  use(syncs: number): void {
    for (const index of this.#used.keys())
      this.#used[index] = (this.#used[index] ?? 0) + syncs * this.#callsPerSync
  }
}

/** Syncs that wait, by when they came due. */
class Arrivals {
  readonly #waiting: { readonly since: number; syncs: number }[] = []
  #first = 0
  size = 0

  add(since: number, syncs: number): void {
    if (syncs <= 0) return
    this.#waiting.push({ since, syncs })
    this.size += syncs
  }

  take(most: number): { since: number; syncs: number }[] {
    const taken: { since: number; syncs: number }[] = []
    for (let left = most; left > 1e-9; ) {
      const first = this.#waiting[this.#first]
      if (!first) break
      const syncs = Math.min(left, first.syncs)
      taken.push({ since: first.since, syncs })
      first.syncs -= syncs
      left -= syncs
      this.size -= syncs
      if (first.syncs <= 1e-9) this.#first += 1
    }
    return taken
  }
}

/** Seconds within which that share of the syncs was read. */
function share(delays: readonly [number, number][], part: number): number {
  const ordered = delays.toSorted(([one], [other]) => one - other)
  const whole = ordered.reduce((sum, [, syncs]) => sum + syncs, 0)
  let seen = 0
  for (const [seconds, syncs] of ordered) {
    seen += syncs
    if (seen >= part * whole) return seconds
  }
  return 0
}
