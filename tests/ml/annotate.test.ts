import { expect, onTestFinished, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { simulatedMl } from '../../local/cloud.ts'
import { openGateway } from '../../local/gateway.ts'
import { cli as run } from '../setup/cli.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const key = 'k'.repeat(32)

/** A world that was read by other settings before: without ML, or by an older model. */
async function openPast(before: Readonly<Record<string, string | undefined>>) {
  const world = await openTestWorld({ observations: fewAccounts(2), env: before })
  await world.syncAll()
  return world
}

/** The API over that world by the settings of today. */
async function openNow(world: Awaited<ReturnType<typeof openPast>>, env: Readonly<Record<string, string>>) {
  const opened = await world.open(undefined, env)
  const gateway = await openGateway(0, (event) => opened.cloud.triggers.call('sync', event))
  onTestFinished(async () => {
    await gateway.close()
    await opened.close()
  })
  const cli = (...args: string[]) => run(args, { SOCIAL_SYNC_URL: gateway.url, SOCIAL_SYNC_API_KEY: key })
  return { opened, cli }
}

const counts = (db: Awaited<ReturnType<typeof openTestWorld>>['db']) =>
  db.rows<{ kind: string; model: string; count: number }>(sql`
    select kind, model, count(*)::int as count from ml_jobs group by 1, 2 order by 1, 2`)

test('posts that were read before there was ML are looked at on demand: first as a plan with its price, then done', async () => {
  const world = await openPast({ ML_URL: undefined })
  const api = await openNow(world, {
    ML_URL: world.simulators.ml.url,
    ML_PROVIDERS: simulatedMl({ usd: 0.25 }),
  })
  const texts = await world.db.rows(sql`
    select distinct title, body from posts where coalesce(title, '') <> '' or coalesce(body, '') <> ''`)
  const plan = await api.cli('annotate', '--since', '2000-01-01')
  expect(plan.stdout).toMatch(
    new RegExp(`ml +text +text-v1 +${texts.length} +\\$${(texts.length * 0.25).toFixed(2)}`),
  )
  expect(await counts(world.db)).toEqual([])
  expect((await api.cli('annotate', '--since', '2000-01-01', '--yes')).stdout).toContain(
    'these are sent from now on',
  )
  expect((await api.cli('annotate', '--since', '2000-01-01', '--yes')).stdout).toContain(
    'have seen everything',
  )
  await api.opened.followThrough()
  expect(
    await world.db.rows(sql`select distinct status from ml_jobs where error ->> 'code' is null`),
  ).toEqual([{ status: 'done' }])
  expect(await counts(world.db)).toEqual([{ kind: 'text', model: 'text-v1', count: texts.length }])
  expect((await world.db.rows(sql`select distinct post_id from post_annotations`)).length).toBeGreaterThan(0)
  expect(await verify(world.db)).toEqual([])
})

test('a new model looks at what the old one has seen, and its results stand beside; rules and dates narrow it', async () => {
  const world = await openPast({})
  const now = simulatedMl({ models: { text: 'text-v2', image: 'image-v1' } })
  const before = await counts(world.db)
  const text = before.find(({ kind }) => kind === 'text')?.count
  const api = await openNow(world, { ML_PROVIDERS: now })
  expect((await api.cli('annotate', '--since', '2100-01-01')).stdout).toContain(
    'have seen everything of 0 posts',
  )
  const ruled = await openNow(world, {
    ML_PROVIDERS: now,
    ML_RULES: JSON.stringify([{ kinds: ['text'], newest_posts: 2 }]),
  })
  const few = JSON.parse((await ruled.cli('--json', 'annotate', '--since', '2000-01-01')).stdout) as {
    jobs: { count: number }[]
  }
  expect(few.jobs).toEqual([{ kind: 'text', provider: 'ml', model: 'text-v2', count: 4, usd: null }])
  await api.cli('annotate', '--since', '2000-01-01', '--kind', 'text', '--yes')
  await api.opened.followThrough()
  expect(await counts(world.db)).toEqual([...before, { kind: 'text', model: 'text-v2', count: text }])
  expect(
    await world.db.rows(
      sql`select count(distinct model_version)::int as versions from annotations where kind = 'text'`,
    ),
  ).toEqual([{ versions: 2 }])
  expect(await verify(world.db)).toEqual([])
})
