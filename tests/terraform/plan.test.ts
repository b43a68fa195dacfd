import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionNames } from '../../local/functions.ts'
import { openDiscovery } from '../setup/discovery.ts'
import { hasProvider, init, terraform, terraformServed } from '../setup/terraform.ts'

const project = join(import.meta.dirname, '../..')
const why = hasProvider ? 'the real provider' : 'needs terraform and its provider, see CONTRIBUTING.md'

interface Planned {
  readonly type: string
  readonly name: string
  readonly index?: string | number
  // biome-ignore lint/suspicious/noExplicitAny: values of a plan have the shapes of the provider
  readonly values: any
}

let folder = ''
let shown = ''
let planned: readonly Planned[] = []
const of = (type: string) => planned.filter((one) => one.type === type)

describe.skipIf(!hasProvider)(`a plan of an empty folder (${why})`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'social-sync-terraform-'))
    const copied = [
      'functions',
      'shared',
      'local',
      'terraform',
      'package.json',
      'serverless.yml',
      'esbuild.config.mjs',
    ]
    for (const name of copied) cpSync(join(project, name), join(folder, name), { recursive: true })
    symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
    execFileSync(process.execPath, ['esbuild.config.mjs'], { cwd: folder, stdio: 'pipe' })
    const here = join(folder, 'terraform')
    rmSync(join(here, 'secrets.json'), { force: true })
    rmSync(join(here, '.terraform'), { recursive: true, force: true })
    cpSync(join(here, 'terraform.tfvars.example'), join(here, 'terraform.tfvars'))
    init(here)
    terraform(here, ['validate'])
    const discovery = await openDiscovery()
    await terraformServed(here, ['plan', '-input=false', '-refresh=false', '-out=plan'], discovery.env)
    discovery.close()
    shown = terraform(here, ['show', '-json', 'plan'])
    const { planned_values } = JSON.parse(shown)
    planned = planned_values.root_module.resources
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('at most eight functions, those of serverless.yml, each with an account of its own', () => {
    const functions = of('yandex_function').map(({ values }) => values.name)
    expect(functions.sort()).toEqual(functionNames.map((name) => `social-sync-${name}`).sort())
    expect(functions.length).toBeLessThanOrEqual(8)
    const accounts = of('yandex_iam_service_account').filter(({ name }) => name === 'function')
    expect(accounts.map(({ index }) => index).sort()).toEqual([...functionNames].sort())
  })

  test('every ring queue has a dead-letter queue, and hides a ring for longer than its function runs', () => {
    const timeouts = new Map(
      of('yandex_function').map(({ values }) => [values.name, Number(values.execution_timeout)]),
    )
    const queues = of('yandex_message_queue').filter(({ name }) => name === 'ring')
    expect(queues.length).toBe(4)
    for (const { values } of queues)
      expect(values.visibility_timeout_seconds, values.name).toBeGreaterThan(
        timeouts.get(values.name) ?? Infinity,
      )
    const { configuration } = JSON.parse(shown)
    const ring = configuration.root_module.resources.find(
      (one: { address: string }) => one.address === 'yandex_message_queue.ring',
    )
    expect(ring.expressions.redrive_policy.references).toContain('yandex_message_queue.dead.arn')
  })

  test('nobody but the triggers and the gateway may call a function', () => {
    const invokers = of('yandex_function_iam_member')
    expect(invokers.length).toBeGreaterThan(5)
    for (const { values, name } of invokers) {
      expect(['triggers', 'gateway']).toContain(name)
      expect(values.role).toBe('functions.functionInvoker')
      expect(values.member ?? '').not.toContain('system:')
    }
  })

  test('environment and secrets of a function fit into 4 KB, its archive into what may be sent', () => {
    const secretBytes = 200
    for (const { values } of of('yandex_function')) {
      const known = Object.entries(values.environment ?? {}).reduce(
        (sum, [name, value]) => sum + name.length + String(value ?? 'x'.repeat(120)).length,
        0,
      )
      const secrets = (values.secrets ?? []).reduce(
        (sum: number, secret: { environment_variable: string }) =>
          sum + secret.environment_variable.length + secretBytes,
        0,
      )
      expect(known + secrets, values.name).toBeLessThan(4_096)
    }
  })

  test('the database is reached by the functions alone, over its own port', () => {
    const [group] = of('yandex_vpc_security_group')
    const open = group?.values.ingress.filter((rule: { port: number }) => rule.port === 6432)
    expect(open).toMatchObject([{ protocol: 'TCP', v4_cidr_blocks: ['198.19.0.0/16'] }])
    const [cluster] = of('yandex_mdb_postgresql_cluster_v2')
    for (const host of Object.values<{ assign_public_ip?: boolean }>(cluster?.values.hosts ?? {}))
      expect(host.assign_public_ip ?? false).toBe(false)
    expect(cluster?.values.deletion_protection).toBe(true)
  })

  test('functions hold few connections in transactions, migrations one session', () => {
    const modes = Object.fromEntries(
      of('yandex_mdb_postgresql_user').map(({ values }) => [values.name, values.settings.pool_mode]),
    )
    expect(modes).toEqual({
      social_sync_migrate: 'session',
      social_sync_run: 'transaction',
      social_sync_read: 'session',
    })
  })

  test('no secret stands in the plan', () => {
    for (const { values } of of('yandex_mdb_postgresql_user')) expect(values.password ?? null).toBeNull()
    expect(shown).not.toContain('not made yet')
  })
})
