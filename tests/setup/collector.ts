import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { findProgram } from '../../local/drivers/servers.ts'
import { freePort } from '../../local/free-port.ts'
import { eventually } from './eventually.ts'
import { project } from './start.ts'
import { fewAccounts, openTestWorld } from './world.ts'

const collector = findProgram('otelcol')
export const hasCollector = collector !== undefined
if (!hasCollector)
  console.warn('otelcol: not at hand (npm run tools), and names are not compared with exported ones')

/** Starts a real collector with a configuration of `observability/collector/`; the address at which it receives. */
export async function runCollector(config: string, env: NodeJS.ProcessEnv): Promise<string> {
  const place = `127.0.0.1:${await freePort()}`
  const path = join(project, 'observability/collector', config)
  const child = spawn(collector ?? '', ['--config', path], {
    ...{ env: { ...process.env, ...env, OTLP_ENDPOINT: place }, stdio: 'ignore' },
  })
  onTestFinished(() => void child.kill())
  const empty = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  await eventually(async () => (await fetch(`http://${place}/v1/metrics`, empty)).ok)
  return `http://${place}`
}

/** A real collector to which this process exports, and what Prometheus would scrape there. */
export async function openCollector() {
  const target = `127.0.0.1:${await freePort()}`
  const url = await runCollector('prometheus.yaml', { PROMETHEUS_ENDPOINT: target })
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
  onTestFinished(() => void vi.unstubAllEnvs())
  return {
    target,
    scrape: async () => (await fetch(`http://${target}/metrics`)).text(),
  }
}

/** A world in which something of each kind goes wrong. */
export async function liveThroughFaults(): Promise<void> {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  const edit = (body: unknown) => {
    const { items } = body as { items: { statistics: object }[] }
    const strange = items.map((item) => ({ ...item, statistics: { viewCount: 'many' } }))
    return { ...(body as object), items: strange }
  }
  world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1, edit })
  const busy = { status: 503, body: 'busy' }
  world.simulators.youtube.plan({ path: '/youtube/v3/channels', times: 1, status: busy })
  await noteFault(world.db, {
    ...{ platform: 'tiktok', access_mode: 'research', code: 'x', message: 'x', remedy: 'x' },
  })
  await world.db.rows(sql`insert into clients (name, name_norm) values ('A Client', 'a client')`)
  await world.db.rows(sql`update accounts set client_id = (select id from clients)`)
  await world.within(async ({ runOnce, cloud }) => {
    await runOnce()
    await world.db.rows(sql`update raw_pages set records_in = records_in + 1 where status = 'transformed'`)
    await cloud.triggers.tick('maintain')
    await world.db.rows(sql`alter table ml_jobs rename to away`)
    await cloud.triggers.tick('poll')
    await world.db.rows(sql`alter table away rename to ml_jobs`)
    await cloud.triggers.tick('poll')
  })
}
