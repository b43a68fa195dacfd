import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { TerminalError } from '#shared/errors.ts'
import type { ReadRecord } from '#shared/platforms/platform.ts'
import { type ConnectorCase, openStage, type Stage } from './setup/connector-stage.ts'
import { mutate, mutations } from './setup/mutate.ts'

/**
 * What every connector must hold, whatever its platform: nothing lost, nothing doubled, nothing deleted by an error,
 * every record accounted for. Each test is a whole sync through extract, ledger and transform over the platform's
 * simulator.
 */
export function connectorSuite(it: ConnectorCase): void {
  const { listPath, pageSize } = it
  /** Three pages, the last one not full. */
  const posts = 2 * pageSize + 3

  const open = async (options: { posts?: number; calls?: number } = {}) => {
    const stage = await openStage(it, { posts, ...options })
    onTestFinished(() => stage.simulator.close())
    return stage
  }
  const faulty = async (fault: Omit<Parameters<Stage['simulator']['plan']>[0], 'path'>) => {
    const stage = await open()
    stage.simulator.plan({ path: listPath, ...fault })
    await stage.sync()
    stage.simulator.clearFaults()
    return stage
  }
  /** Without faults, everything is there again, and only what the platform shows. */
  const heals = async (stage: Stage, count = posts) => {
    await stage.sync()
    expect(await standing(stage)).toEqual({ present: count })
    expect(await stage.db.rows(sql`select status from accounts`)).toEqual([{ status: 'active' }])
    expect(await verify(stage.db)).toEqual([])
  }

  describe(`${it.definition.name} by ${it.access_mode}`, () => {
    test('a walk sees every post once, and its second one finds nothing new', async () => {
      const stage = await open()
      await stage.sync()
      expect(await standing(stage)).toEqual({ present: posts })
      expect(await walks(stage)).toEqual([{ status: 'done', reason: null, walk_outcome: 'whole', walk: 1 }])
      await heals(stage)
      const [again] = await stage.db.rows(sql`
        select sum(normalised)::int as normalised, sum(quarantined)::int as quarantined from raw_pages
        where sync_task_id = (select max(id) from sync_tasks)`)
      expect(again).toEqual({ normalised: 0, quarantined: 0 })
    })

    test('an account without posts is walked whole', async () => {
      const stage = await open({ posts: 0 })
      await stage.sync()
      expect(await walks(stage)).toMatchObject([{ status: 'done', walk_outcome: 'whole' }])
      expect(await standing(stage)).toEqual({})
    })

    test('a walk that is stopped at any checkpoint goes on from there, and asks nothing twice', async () => {
      const undisturbed = await open()
      await undisturbed.sync()
      for (const pages of [1, 2, 3, 4]) {
        const stage = await open()
        await stage.sync(pages)
        expect(await standing(stage)).toEqual({ present: posts })
        expect(stage.simulator.calls.get(listPath)).toBe(undisturbed.simulator.calls.get(listPath))
        expect(await verify(stage.db)).toEqual([])
      }
    })

    test('posts that come again at the end of one page and the beginning of the next count once', async () => {
      let last: readonly unknown[] = []
      const edit = (body: unknown) => {
        const items = it.items(body)
        const edited = it.withItems(body, [...last, ...items, ...items.slice(0, 2)])
        last = items.slice(-2)
        return edited
      }
      const stage = await faulty({ times: 10, edit })
      expect(await standing(stage)).toEqual({ present: posts })
      expect(await verify(stage.db)).toEqual([])
    })

    test('a post that slips between two pages while they are read is found by the next walk, and never called deleted', async () => {
      const stage = await open()
      await stage.sync()
      const edit = (body: unknown) => it.withItems(body, it.items(body).slice(1))
      for (let day = 0; day < 2; day += 1) {
        // Not the same post each time: what one walk misses the next one sees.
        stage.simulator.plan({ path: listPath, times: 1, after: day, edit })
        await stage.sync()
        stage.simulator.clearFaults()
        expect(await standing(stage)).not.toHaveProperty('deleted')
        await stage.clock.jumpTo(new Date(stage.clock.now().getTime() + 2 * 86_400_000))
      }
      await heals(stage)
    })

    test('an empty page that says there is more is not the end', async () => {
      const stage = await faulty({ times: 1, after: 1, edit: (body) => it.withItems(body, []) })
      const seen = it.isEmptyPageLast ? posts - pageSize - 3 : posts - pageSize
      expect((await standing(stage))['present']).toBeGreaterThanOrEqual(seen)
      await heals(stage)
    })

    test('a list that leads in a circle is given up with its cause, after a handful of calls', async () => {
      let first: unknown
      const stage = await faulty({ times: 1_000, edit: (body) => (first ??= body) })
      expect(stage.simulator.calls.get(listPath)).toBeLessThan(60)
      expect(await walks(stage)).toMatchObject([{ status: 'failed', walk_outcome: 'failed' }])
      await heals(stage)
    })

    test('an answer that is cut off is asked for again', async () => {
      const stage = await faulty({ times: 2, after: 1, truncate: true })
      expect(await standing(stage)).toEqual({ present: posts })
      expect(await stage.db.rows(sql`select status from raw_pages where status = 'parked'`)).toEqual([])
      expect(await verify(stage.db)).toEqual([])
    })

    test('unknown fields change nothing', async () => {
      const stage = await open()
      await stage.sync()
      stage.simulator.plan({ path: '*', times: 1_000, edit: withMore })
      await stage.sync()
      const news = await stage.db.rows(sql`
        select sum(quarantined)::int as quarantined, sum(normalised)::int as normalised from raw_pages
        where sync_task_id = (select max(id) from sync_tasks)`)
      expect(news).toEqual([{ quarantined: 0, normalised: 0 }])
      await heals(stage)
    })

    if (it.placeRefused) {
      const status = it.placeRefused
      test('a place that the platform has forgotten begins a new walk, which sees everything', async () => {
        const stage = await faulty({ times: 1, after: 1, status })
        expect(await walks(stage)).toMatchObject([{ status: 'done', walk: 2 }])
        expect(await standing(stage)).toEqual({ present: posts })
        expect(await verify(stage.db)).toEqual([])
      })
    }

    test('each row of the error table is a verdict: it goes on, or says why not, and loses and deletes nothing', async () => {
      const stage = await open()
      await stage.sync()
      for (const { name, answer } of it.refusals) {
        stage.simulator.plan({ path: listPath, times: 1, after: 1, status: answer })
        await stage.sync()
        stage.simulator.clearFaults()
        const [end] = await stage.db.rows<{ status: string; last_error: string | null; account: string }>(sql`
          select t.status, t.last_error, a.status as account from sync_tasks t join accounts a on a.id = t.account_id
          order by t.id desc limit 1`)
        expect(end?.status, name).toMatch(/done|failed/)
        if (end?.status === 'failed') expect(end.last_error, name).toBeTruthy()
        expect(await standing(stage), name).toEqual({ present: posts })
      }
      await heals(stage)
    })

    test('what a window holds is never overspent: a walk waits with its time, and goes on', async () => {
      const stage = await open({ calls: 2 })
      await stage.sync()
      expect(await standing(stage)).toEqual({ present: posts })
      const [waited] = await stage.db.rows(sql`select walk_outcome from sync_tasks`)
      expect(waited).toEqual({ walk_outcome: 'partial' })
      expect(
        await stage.db.rows(sql`select pool from quota_windows where blocked_until > '-infinity'`),
      ).toEqual([])
      expect(await verify(stage.db)).toEqual([])
    })

    test('of an answer garbled in any way each record ends in exactly one way, and nothing is lost by it', async () => {
      const stage = await open({ posts: pageSize + 2 })
      await stage.sync()
      await fc.assert(
        fc.asyncProperty(mutations, fc.nat(3), async (changes, after) => {
          stage.simulator.plan({ path: '*', times: 2, after, edit: (body) => mutate(body, changes) })
          await stage.sync()
          stage.simulator.clearFaults()
          expect(await verify(stage.db)).toEqual([])
          await stage.db.rows(sql`update raw_pages set status = 'dropped' where status = 'parked'`)
          // A day between: what is missed twice would be deleted.
          await stage.clock.jumpTo(new Date(stage.clock.now().getTime() + 25 * 3_600_000))
        }),
        // The database remembers: what came before is part of the example.
        { numRuns: 25, endOnFailure: true },
      )
    })

    test('reading a stored answer ends in records or in one verdict, whatever was stored', async () => {
      const stage = await open({ posts: 3 })
      await stage.sync()
      const pages = await stage.db.rows<{ endpoint: string; body: string }>(sql`
        select p.endpoint, b.body from raw_pages p join raw_bodies b on b.raw_page_id = p.id`)
      const { read } = it.definition
      for (const { endpoint, body } of pages) {
        fc.assert(
          fc.property(
            fc.oneof(
              mutations.map((changes) => JSON.stringify(mutate(JSON.parse(body), changes))),
              fc.string(),
            ),
            (text) => {
              try {
                const { profiles, posts: found } = read(endpoint, text)
                expect([...profiles, ...found].map(nameOf)).not.toContain('')
              } catch (error) {
                expect(error).toBeInstanceOf(TerminalError)
              }
            },
          ),
          { numRuns: 300 },
        )
      }
    })
  })
}

/** Posts by their status. */
async function standing({ db }: Stage): Promise<Record<string, number>> {
  const rows = await db.rows<{ status: string; count: number }>(
    sql`select status, count(*)::int as count from posts group by status`,
  )
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
}

const walks = ({ db }: Stage) =>
  db.rows(sql`
    select status, reason, walk_outcome, (cursor ->> 'walk')::int as walk from sync_tasks order by id`)

/** Every object of the answer with a field more. */
function withMore(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMore)
  // A number too large for a double is an object without a prototype.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === null) return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withMore(one)]))
  return { ...inner, brand_new_field: { since: 2027 } }
}

/** Of a record its id, of one that was refused the cause. */
const nameOf = (one: ReadRecord<{ readonly native_id: string }>) =>
  one.ok ? one.record.native_id : one.cause
