import { sql } from '#shared/db/sql.ts'
import type { SimAnswer } from '../../local/simulators/server.ts'
import { idOf, people } from './instagram.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** Accounts by state. */
export const states = ({ db }: Pick<TestWorld, 'db'>) =>
  db.rows(sql`select status, count(*)::int as accounts from accounts group by 1 order by 1`)
/** The newest task of each account, by state and reason. */
export const waits = ({ db }: Pick<TestWorld, 'db'>) =>
  db.rows(sql`
    select t.status, t.reason, count(*)::int as tasks from sync_tasks t
    where t.id in (select max(id) from sync_tasks group by account_id) group by 1, 2 order by 1, 2`)
export const later = (world: TestWorld, ms: number) =>
  world.clock.jumpTo(new Date(world.clock.now().getTime() + ms))

/** Every account is due, and the timer comes once. */
export async function ask(world: TestWorld, platform: 'youtube' | 'instagram' | 'tiktok'): Promise<void> {
  await world.db.rows(
    sql`update accounts set next_sync_at = app_now() where status not in ('paused', 'erased')`,
  )
  await world.within(async ({ cloud }) => {
    await cloud.triggers.tick(`extract-${platform}`)
    while (!cloud.triggers.idle()) await new Promise((resolve) => setTimeout(resolve, 5))
  })
}

/** A refusal as Google sends it. */
export const google = (status: number, reason: string, detail?: string): SimAnswer => ({
  status,
  body: {
    error: {
      code: status,
      message: 'Requests from referer https://example.org/ are blocked.',
      errors: [{ domain: 'global', reason }],
      status: 'PERMISSION_DENIED',
      ...(detail
        ? {
            details: [
              {
                '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
                reason: detail,
                domain: 'googleapis.com',
              },
            ],
          }
        : {}),
    },
  },
})
export const always = (status: SimAnswer, path = '*') => ({ path, times: Number.POSITIVE_INFINITY, status })

/** Accounts whose owners let us in. */
export async function owned(count: number, more: Partial<TestWorldOptions> = {}) {
  const names = Array.from({ length: count }, (_, index) => `brand${index}`)
  const observations = people(names.map((username) => ({ username, posts: 1 })))
  const world = await openTestWorld({ observations, platforms: ['instagram'], ...more })
  await world.db.rows(sql`update accounts set access_mode = 'own_oauth'`)
  for (const username of names) await world.consent(idOf(username))
  return world
}
/** A refusal as the Graph API sends it. */
export const meta = (code: number, message: string, subcode?: number, status = 400): SimAnswer => ({
  status,
  body: {
    error: {
      message,
      type: 'OAuthException',
      code,
      ...(subcode ? { error_subcode: subcode } : {}),
      fbtrace_id: 'x',
    },
  },
})
