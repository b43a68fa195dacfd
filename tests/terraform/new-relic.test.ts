import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditions } from '../../observability/new-relic/alerts.ts'
import { dashboard } from '../../observability/new-relic/dashboard.ts'
import { project } from '../setup/start.ts'
import { hasNewRelicProvider, initNewRelic, terraform, terraformServed } from '../setup/terraform.ts'

const why = hasNewRelicProvider
  ? 'the real provider'
  : 'needs terraform and npm run tools -- newrelic-plugins'

describe.skipIf(!hasNewRelicProvider)(`a plan for New Relic (${why})`, () => {
  const root = mkdtempSync(join(tmpdir(), 'social-sync-new-relic-root-'))
  const folder = join(root, 'terraform/new-relic')
  const key = 'NRAK-MARKED'
  // biome-ignore lint/suspicious/noExplicitAny: values of a plan have the shapes of the provider
  let planned: readonly { type: string; values: any }[] = []
  let shown = ''
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    cpSync(join(project, 'terraform/new-relic'), folder, {
      recursive: true,
      filter: (path) => !/\.tfstate|\.tfvars$|\.terraform\b/.test(path),
    })
    cpSync(join(project, 'observability/new-relic'), join(root, 'observability/new-relic'), {
      recursive: true,
    })
    cpSync(join(folder, 'terraform.tfvars.example'), join(folder, 'terraform.tfvars'))
    initNewRelic(folder)
    const env = { NEW_RELIC_API_KEY: key }
    await terraformServed(folder, ['validate'], env)
    await terraformServed(folder, ['plan', '-input=false', '-refresh=false', '-out=plan'], env)
    shown = terraform(folder, ['show', '-json', 'plan'])
    planned = JSON.parse(shown).planned_values.root_module.resources
  }, 120_000)
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const of = (type: string) => planned.filter((one) => one.type === type).map(({ values }) => values)

  test('it has the dashboard with the own account, and each alert as the files say', () => {
    const [{ json }] = of('newrelic_one_dashboard_json') as [{ json: string }]
    expect(json.match(/"accountIds":\[1234567\]/g)).toHaveLength(
      dashboard().pages.flatMap(({ widgets }) => widgets).length,
    )
    expect(json).not.toContain('"accountIds":[0]')
    const alerts = of('newrelic_nrql_alert_condition')
    expect(alerts.map(({ name }) => name).sort()).toEqual(
      conditions()
        .map(({ name }) => name)
        .sort(),
    )
    for (const { nrql, critical, name } of alerts) {
      const made = conditions().find((one) => one.name === name)
      expect(nrql[0].query).toBe(made?.nrql.query)
      expect(critical[0].threshold).toBe(made?.terms[0]?.threshold)
    }
    expect(shown).not.toContain(key)
  })
})
