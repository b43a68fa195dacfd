import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { findProgram } from '../../local/drivers/servers.ts'
import { freePort } from '../../local/free-port.ts'
import { boards } from '../../observability/boards/index.ts'
import { hasCollector, liveThroughFaults, openCollector } from '../setup/collector.ts'
import { eventually } from '../setup/eventually.ts'
import { newFolder, project } from '../setup/start.ts'

const prometheus = findProgram('prometheus')
if (!prometheus) console.warn('prometheus is not on the path: panels are not asked of it')

const Answer = z.object({ status: z.string(), data: z.object({ result: z.array(z.unknown()) }) })

/** A real Prometheus that scrapes this address each second, otherwise as the product configures it. */
async function openPrometheus(target: string) {
  const folder = newFolder()
  const port = await freePort()
  const own = join(project, 'observability/prometheus/prometheus.yaml')
  const { scrape_configs: jobs, rule_files: rules } = parse(readFileSync(own, 'utf8'))
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: rules.map((name: string) => join(own, '..', name)),
    scrape_configs: jobs.map((job: object) => ({ ...job, static_configs: [{ targets: [target] }] })),
  }
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
  const options = {
    ...{ 'config.file': join(folder, 'prometheus.yml'), 'storage.tsdb.path': join(folder, 'data') },
    'web.listen-address': `127.0.0.1:${port}`,
  }
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(prometheus ?? '', args, { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(`${url}/-/ready`)).ok)
  const ask = async (query: string) => {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`)
    return Answer.parse(await response.json()).data.result.length
  }
  return { ask, url }
}

test.skipIf(!hasCollector || !prometheus)(
  'each panel shows data over a world in which something of each kind goes wrong',
  { timeout: 120_000 },
  async () => {
    const { target } = await openCollector()
    const { ask, url } = await openPrometheus(target)
    await liveThroughFaults()
    const panels = boards.flatMap(({ title, panels }) =>
      panels.map((panel) => ({ ...panel, where: `${title}: ${panel.title}` })),
    )
    const empty = async () => {
      const counts = await Promise.all(
        panels.map(({ expr }) => ask(expr.replaceAll('$__rate_interval', '10s').replaceAll('$client', '.*'))),
      )
      return panels.flatMap(({ where }, index) => (counts[index] === 0 ? [where] : []))
    }
    // A rate takes two scrapes.
    await eventually(async () => (await empty()).length === 0, 30_000).catch(() => undefined)
    expect(await empty()).toEqual([])
    const rules = await (await fetch(`${url}/api/v1/rules`)).text()
    expect(rules).not.toContain('"health":"err"')
    expect(rules).toContain('"name":"ChecksFail"')
  },
)
