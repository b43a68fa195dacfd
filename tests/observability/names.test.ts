import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { parse } from 'yaml'
import { sql } from '#shared/db/sql.ts'
import { noteFault } from '#shared/db/tables/app-faults.ts'
import { findProgram } from '../../local/drivers/servers.ts'
import { freePort } from '../../local/free-port.ts'
import { boards } from '../../observability/boards/index.ts'
import { eventually } from '../setup/eventually.ts'
import { readPromql } from '../setup/promql.ts'
import { project } from '../setup/start.ts'
import { fewAccounts, openTestWorld } from '../setup/world.ts'

const collector = findProgram('otelcol')
if (!collector)
  console.warn('otelcol: not at hand (npm run tools), and names are not compared with exported ones')

/** A real collector, and what Prometheus would scrape there. */
async function openCollector() {
  const [otlp, scraped] = [await freePort(), await freePort()]
  const place = { OTLP_ENDPOINT: `127.0.0.1:${otlp}`, PROMETHEUS_ENDPOINT: `127.0.0.1:${scraped}` }
  const config = join(project, 'observability/collector.yaml')
  const child = spawn(collector ?? '', ['--config', config], {
    ...{ env: { ...process.env, ...place }, stdio: 'ignore' },
  })
  onTestFinished(() => void child.kill())
  const url = `http://${place.OTLP_ENDPOINT}`
  const empty = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  await eventually(async () => (await fetch(`${url}/v1/metrics`, empty)).ok)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', url)
  onTestFinished(() => void vi.unstubAllEnvs())
  return { scrape: async () => (await fetch(`http://${place.PROMETHEUS_ENDPOINT}/metrics`)).text() }
}

/** A world in which something of each kind goes wrong. */
async function liveThroughFaults(): Promise<void> {
  const world = await openTestWorld({ observations: fewAccounts(1) })
  const edit = (body: unknown) => {
    const { items } = body as { items: { statistics: object }[] }
    const strange = items.map((item) => ({ ...item, statistics: { viewCount: 'many' } }))
    return { ...(body as object), items: strange }
  }
  world.simulators.youtube.plan({ path: '/youtube/v3/videos', times: 1, edit })
  await noteFault(world.db, {
    ...{ platform: 'tiktok', access_mode: 'research', code: 'x', message: 'x', remedy: 'x' },
  })
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

test.skipIf(!collector)(
  'each metric and label of rules and panels is exported by a world with faults, through a real collector',
  async () => {
    const { scrape } = await openCollector()
    await liveThroughFaults()
    let text = ''
    await eventually(async () => {
      text = await scrape()
      return text.includes('social_sync_findings_total') && text.includes('error_type')
    })
    const names = new Map<string, Set<string>>()
    for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm)) {
      const known = names.get(name) ?? new Set()
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
      names.set(name, known)
    }
    const { groups } = parse(readFileSync(join(project, 'observability/prometheus/rules.yaml'), 'utf8'))
    const asked = [
      ...groups.flatMap(({ rules }: { rules: { alert: string; expr: string }[] }) =>
        rules.map(({ alert, expr }) => [alert, expr]),
      ),
      ...boards.flatMap(({ title, panels }) =>
        panels.map((panel) => [`${title}, ${panel.title}`, panel.expr]),
      ),
    ] as [where: string, expr: string][]
    const missing = asked.flatMap(([where, expr]) => {
      const { metrics, groups: by } = readPromql(expr.replaceAll('$__rate_interval', '5m'))
      return metrics.flatMap(({ name, labels }) =>
        ['job', ...labels, ...by]
          .filter((label) => !names.get(name)?.has(label))
          .map((label) => `${where}: ${name}{${label}}`),
      )
    })
    expect(missing).toEqual([])
    expect(asked.length).toBeGreaterThan(30)
  },
)
