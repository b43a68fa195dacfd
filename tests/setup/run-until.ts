import { setTimeout as after } from 'node:timers/promises'
import { sql } from '#shared/db/sql.ts'
import type { RunOptions } from '../../local/run.ts'
import { readDue } from '../../local/standing.ts'

/**
 * Lets the world live until a time: each timer that would find something to do fires when it is declared to, and the
 * time in which none would is skipped. `maintainHours`: maintain is called so seldom, in place of its own timer.
 */
export async function runUntil(options: RunOptions, end: Date, maintainHours?: number): Promise<void> {
  const { cloud, clock } = options
  const settle = async () => {
    while (!cloud.triggers.idle()) await after(2)
  }
  let maintained = clock.now()
  for (;;) {
    await settle()
    const maintainAt = maintainHours
      ? new Date(maintained.getTime() + maintainHours * 3_600_000)
      : (cloud.triggers.nextTick('maintain', maintained) ?? end)
    const next = await nextTicks(options, maintainAt)
    const [first] = next.sort((a, b) => a.at.getTime() - b.at.getTime())
    if (!first || first.at > end) break
    await clock.jumpTo(first.at)
    const due = next.filter(({ at }) => at <= first.at).map(({ name }) => name)
    if (due.includes('maintain')) maintained = first.at
    await Promise.all(due.map((name) => cloud.triggers.tick(name)))
  }
  await clock.jumpTo(end)
}

interface Tick {
  readonly name: string
  readonly at: Date
}

/** The next tick of each function that will have something to do. */
async function nextTicks({ db, cloud, clock, platforms }: RunOptions, maintainAt: Date): Promise<Tick[]> {
  const now = clock.now().getTime()
  const tick = (name: string, due: Date | null): Tick[] => {
    const at = due && cloud.triggers.nextTick(name, new Date(Math.max(due.getTime(), now + 1_000) - 1))
    return at ? [{ name, at }] : []
  }
  const { poll } = await readDue(db)
  const rows = await db.rows<{ platform: string; at: Date | null }>(sql`
    select p.platform, least(
      (select min(a.next_sync_at) from accounts a where a.platform = p.platform and a.status in ('active', 'missing')
        and not exists (select from sync_tasks t where t.account_id = a.id and t.mode = 'refresh'
          and t.status in ('extracting', 'transforming'))),
      (select min(coalesce(lease_until, run_at)) from sync_tasks t
        where t.platform = p.platform and status in ('queued', 'waiting', 'extracting'))) as at
    from unnest(${[...platforms]}::text[]) as p(platform)`)
  return [
    { name: 'maintain', at: maintainAt },
    ...tick('poll', poll),
    ...rows.flatMap(({ platform, at }) => tick(`extract-${platform}`, at)),
  ]
}
