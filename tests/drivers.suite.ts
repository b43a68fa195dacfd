import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { makeAllDue } from '../local/cloud.ts'
import type { DriverName } from '../local/drivers/open.ts'
import { openWay } from './setup/away.ts'
import { callsOf, expectedOf, isAnyWaiting, openDriven, pagesOf, statesOf } from './setup/driven.ts'
import { idOf, people } from './setup/instagram.ts'
import { canDrive, openOrchestrator, spawnProcess } from './setup/orchestrator.ts'
import { snapshot } from './setup/snapshot.ts'
import { fewAccounts, fewPosts, largestAccount, openTestWorld } from './setup/world.ts'

const dayMs = 86_400_000

/** What every driver promises, whatever happens to it. */
export function driverSuite(name: DriverName): void {
  describe.skipIf(!canDrive(name))(`driven by ${name}`, { timeout: 120_000 }, () => {
    /** Temporal takes longest: in a short run only the other drivers try what depends on the worker alone. */
    const testOfWorker = test.runIf(name !== 'temporal' || inject('isFull'))

    test('a sync of several accounts lands as the same rows, with as many calls', async () => {
      const observations = fewAccounts(6)
      const expected = await expectedOf('six', observations)
      const world = await openDriven(name, { observations })
      await world.syncAll()
      expect(await snapshot(world.db)).toEqual(expected.rows)
      const calls = callsOf(world)
      expect(Math.abs(calls - expected.calls) / expected.calls).toBeLessThan(0.05)
      expect(world.failures).toEqual([])
      expect(await verify(world.db)).toEqual([])
    })

    testOfWorker('a worker that is stopped in the middle of a list leaves it to the next one', async () => {
      const observations = largestAccount()
      const expected = await expectedOf('largest', observations)
      const world = await openDriven(name, { observations })
      const first = await world.open()
      await world.begin(first, 3)
      await first.close()
      await world.within((opened) => opened.followThrough())
      expect(await snapshot(world.db)).toMatchObject({ ...expected.rows, tasks: [{ status: 'done' }] })
      expect(await verify(world.db)).toEqual([])
    })

    test('an orchestrator that loses all it knew, also tasks that wait, loses nothing of the sync', async () => {
      const observations = fewAccounts(6)
      const expected = await expectedOf('six', observations)
      const world = await openDriven(name, { observations, env: { YOUTUBE_UNITS_PER_DAY: '16' } })
      const opened = await world.open()
      await world.begin(opened, 2)
      await world.server.lose()
      await opened.cloud.triggers.tick('extract-youtube')
      while (!(await isAnyWaiting(world.db)) || !opened.cloud.triggers.idle()) await after(5)
      await world.server.lose()
      await opened.followThrough()
      await opened.close()
      // A walk that waited is not whole.
      expect(await snapshot(world.db)).toEqual({ ...expected.rows, tasks: expect.anything() })
      expect(await statesOf(world.db)).toEqual([{ status: 'done', count: 6 }])
      expect(await verify(world.db)).toEqual([])
    })

    testOfWorker('a database that is stopped and started again is no verdict on anything', async () => {
      const observations = largestAccount()
      const expected = await expectedOf('largest', observations)
      let way: Awaited<ReturnType<typeof openWay>> | undefined
      const databaseVia = async (url: string) => {
        way = await openWay(url)
        return way.url
      }
      const world = await openDriven(name, { observations, databaseVia })
      const opened = await world.open()
      await world.begin(opened, 2)
      let tick: Promise<void> | undefined
      await way?.closed(() => {
        // Temporal tries it until it succeeds.
        tick = opened.cloud.triggers.tick('poll')
        return after(1_000)
      })
      await tick
      await opened.followThrough()
      await opened.close()
      expect(await snapshot(world.db)).toMatchObject({ ...expected.rows, tasks: [{ status: 'done' }] })
      expect(await verify(world.db)).toEqual([])
    })

    testOfWorker('two workers, and ticks and starts that come twice, do everything once', async () => {
      const observations = fewAccounts(6)
      const expected = await expectedOf('six', observations)
      const world = await openDriven(name, { observations })
      const [one, two] = [await world.open(), await world.open()]
      await makeAllDue(world.db, ['youtube'])
      const twice = [one, two].flatMap(({ cloud }) => [
        cloud.triggers.tick('extract-youtube'),
        cloud.triggers.tick('extract-youtube'),
        cloud.ringExtract('youtube'),
      ])
      await Promise.all(twice)
      await one.followThrough()
      while (!two.cloud.triggers.idle()) await after(5)
      await one.followThrough()
      await Promise.all([one.close(), two.close()])
      expect(await snapshot(world.db)).toEqual(expected.rows)
      expect(await verify(world.db)).toEqual([])
    })

    test('out of quota the tasks wait until it is there again, and go on', async () => {
      const observations = fewAccounts(6)
      const world = await openDriven(name, { observations, env: { YOUTUBE_UNITS_PER_DAY: '16' } })
      const standing = await world.syncAll()
      expect(standing).toMatchObject({
        tasks: { done: 6 },
        posts: observations.filter((line) => line.kind === 'post').length,
      })
      const windows = await world.db.rows<{ used: number }>(
        sql`select used from quota_windows where pool = 'youtube.general.day'`,
      )
      expect(windows.length).toBeGreaterThan(1)
      expect(windows.every(({ used }) => used <= 16)).toBe(true)
      expect(await verify(world.db)).toEqual([])
    })

    test('ML jobs of seven days end their sync', async () => {
      const days = 6.5
      const world = await openDriven(name, {
        observations: fewPosts(1, 1),
        ml: { durationMs: () => days * dayMs },
      })
      const since = world.clock.now().getTime()
      const standing = await world.syncAll()
      expect(standing).toMatchObject({ tasks: { done: 1 }, ml_jobs: { open: 0, expired: 0, failed: 0 } })
      expect(standing.annotations).toBeGreaterThan(0)
      expect(world.clock.now().getTime() - since).toBeGreaterThan(days * dayMs)
      expect(await verify(world.db)).toEqual([])
    })

    test('a token that is dead fails its own account, which is read again after the consent', async () => {
      const server = await openOrchestrator(name)
      const all = [
        { username: 'one', posts: 1 },
        { username: 'two', posts: 1 },
      ]
      const world = await openTestWorld({
        ...{ observations: people(all), platforms: ['instagram'], driver: server.driver },
      })
      await world.db.rows(sql`update accounts set access_mode = 'own_oauth'`)
      for (const { username } of all) await world.consent(idOf(username))
      const error = { message: 'expired', code: 190, error_subcode: 463, type: 'OAuthException' }
      const status = { status: 400, body: { error } }
      world.simulators.instagram.plan({ path: `/v25.0/${idOf('one')}`, times: 1, status })
      expect(await world.syncAll()).toMatchObject({ posts: 1, tasks: { done: 1, failed: 1 } })
      await world.consent(idOf('one'))
      expect(await world.syncAll()).toMatchObject({ posts: 2 })
      expect(await verify(world.db)).toEqual([])
    })

    // A function that is killed is tried at every place in tests/pipeline/crash.test.ts.
    test.skipIf(name === 'functions')(
      'a worker that is killed leaves what it held to the next one',
      async () => {
        if (name === 'functions') return
        const observations = largestAccount()
        const expected = await expectedOf('largest', observations)
        const world = await openDriven(name, { observations })
        await makeAllDue(world.db, ['youtube'])
        const worker = spawnProcess(name, world.workerEnv)
        while ((await pagesOf(world.db)) < 2) await after(5)
        await worker.kill()
        await world.within((opened) => opened.followThrough())
        expect(await snapshot(world.db)).toMatchObject({ ...expected.rows, tasks: [{ status: 'done' }] })
        expect(await verify(world.db)).toEqual([])
      },
    )
  })
}
