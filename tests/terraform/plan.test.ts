import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { patienceMs } from '#shared/db/migrate.ts'
import { mostBytes } from '../../local/build/archives.ts'
import { functionNames } from '../../local/functions.ts'
import { readServerless } from '../../local/serverless.ts'
import { openDiscovery } from '../setup/discovery.ts'
import { layStack } from '../setup/stack.ts'
import { hasProvider, terraform, terraformServed } from '../setup/terraform.ts'

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
// biome-ignore lint/suspicious/noExplicitAny: as above
let changes: any[] = []
// biome-ignore lint/suspicious/noExplicitAny: as above
let configuration: any[] = []
const of = (type: string) => planned.filter((one) => one.type === type)

describe.skipIf(!hasProvider)(`a plan of an empty folder (${why})`, () => {
  beforeAll(async () => {
    folder = layStack()
    const here = join(folder, 'terraform')
    const discovery = await openDiscovery()
    await terraformServed(here, ['plan', '-input=false', '-refresh=false', '-out=plan'], discovery.env)
    discovery.close()
    shown = terraform(here, ['show', '-json', 'plan'])
    const { planned_values, resource_changes, configuration: configured } = JSON.parse(shown)
    planned = planned_values.root_module.resources
    changes = resource_changes
    configuration = configured.root_module.resources
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('at most eight functions, those of serverless.yml, each with an account of its own', () => {
    const functions = of('yandex_function').map(({ values }) => values.name)
    expect(functions.sort()).toEqual(functionNames.map((name) => `social-sync-${name}`).sort())
    expect(functions.length).toBeLessThanOrEqual(8)
    const accounts = of('yandex_iam_service_account').filter(({ name }) => name === 'function')
    expect(accounts.map(({ index }) => index).sort()).toEqual([...functionNames].sort())
  })

  test('every ring queue has a dead-letter queue, and hides a ring for longer than its function may wait and run', () => {
    const timeouts = new Map(
      of('yandex_function').map(({ values }) => [values.name, Number(values.execution_timeout)]),
    )
    const queues = of('yandex_message_queue').filter(({ name }) => name === 'ring')
    expect(queues.length).toBe(4)
    for (const { values } of queues)
      expect(values.visibility_timeout_seconds, values.name).toBeGreaterThan(
        2 * (timeouts.get(values.name) ?? Infinity),
      )
    const ring = configuration.find((one) => one.address === 'yandex_message_queue.ring')
    expect(ring.expressions.redrive_policy.references).toContain('yandex_message_queue.dead.arn')
  })

  test('only the triggers and the gateway may call a function', () => {
    const roles = configuration.filter((one) => one.type === 'yandex_function_iam_member')
    const members = roles.map((one) => one.expressions.member.references[0]).sort()
    expect(members).toEqual([
      'yandex_iam_service_account.gateway.id',
      'yandex_iam_service_account.triggers.id',
    ])
    for (const { values } of of('yandex_function_iam_member'))
      expect(values.role).toBe('functions.functionInvoker')
    expect(shown).not.toMatch(/allUsers|allAuthenticatedUsers/)
  })

  test('each account has these roles and no other', () => {
    const roles = planned.filter(({ type }) => type.endsWith('_iam_member'))
    const given = roles.map(({ type, name, values }) => `${type.slice(7)}.${name} ${values.role}`)
    expect([...new Set(given)].sort()).toEqual([
      'function_iam_member.gateway functions.functionInvoker',
      'function_iam_member.triggers functions.functionInvoker',
      'kms_symmetric_key_iam_member.function kms.keys.decrypter',
      'lockbox_secret_iam_member.function lockbox.payloadViewer',
      'resourcemanager_folder_iam_member.queue ymq.admin',
      'resourcemanager_folder_iam_member.queue ymq.reader',
      'resourcemanager_folder_iam_member.queue ymq.writer',
    ])
    const folderRoles = roles.filter(({ type }) => type === 'yandex_resourcemanager_folder_iam_member')
    expect(folderRoles.map(({ index }) => index).sort()).toEqual([
      'queues ymq.admin',
      'ringer ymq.writer',
      'triggers ymq.reader',
      'triggers ymq.writer',
    ])
    const { custom } = readServerless()
    const readings = roles.filter(({ type }) => type === 'yandex_lockbox_secret_iam_member')
    for (const { index } of readings) {
      const [fn = '', entry = ''] = String(index).split(' ')
      const role = fn === 'maintain' ? 'MIGRATE' : fn.toUpperCase().replaceAll('-', '_')
      // Each function has the password of its own role, and of no other.
      const name = entry === `DATABASE_PASSWORD_${role}` ? 'DATABASE_PASSWORD' : entry
      const listed = custom.functions[fn]?.secrets ?? []
      expect(listed.some((one) => (entry === 'QUEUE' ? one.startsWith('QUEUE_') : one === name))).toBe(true)
    }
    expect(readings.filter(({ index }) => String(index).includes('DATABASE_PASSWORD')).length).toBe(7)
  })

  test('each function acts as its own account, in the network, and no version takes the tag of another', () => {
    for (const one of configuration.filter(({ type }) => type === 'yandex_function')) {
      const { service_account_id, connectivity, tags } = one.expressions
      expect(service_account_id.references.slice(0, 2).join(' '), one.address).toMatch(
        /^yandex_iam_service_account\.function(\["maintain"\]\.id| each\.key)/,
      )
      expect(connectivity[0].network_id.references, one.address).toContain('local.network_id')
      expect(tags, one.address).toEqual({ constant_value: [] })
    }
  })

  test('the gateway refuses what is too much before it reaches a function, by route and by address', () => {
    const [limits] = of('yandex_sws_advanced_rate_limiter_profile')
    const rules = limits?.values.advanced_rate_limiter_rule ?? []
    const byAddress = { characteristic: [{ simple_characteristic: [{ type: 'IP' }] }], period: 60 }
    expect(rules).toMatchObject([
      {
        dynamic_quota: [
          { ...byAddress, limit: 60, condition: [{ request_uri: [{ path: [{ exact_match: '/health' }] }] }] },
        ],
      },
      { dynamic_quota: [{ ...byAddress, limit: 3000 }] },
      { dynamic_quota: [{ ...byAddress, limit: 600 }] },
      { static_quota: [{ limit: 6000, period: 60 }] },
    ])
    const gateway = configuration.find(({ type }) => type === 'yandex_api_gateway')
    expect(gateway.expressions.spec.references).toContain('local.spec')
    expect(of('yandex_sws_security_profile')[0]?.values).toMatchObject({ default_action: 'ALLOW' })
  })

  test('functions together take no more calls at once than a zone surely has', () => {
    const { custom } = readServerless()
    const limits = of('yandex_function_scaling_policy')
    for (const { index, values } of limits)
      expect(values.policy).toMatchObject([
        { tag: '$latest', zone_instances_limit: custom.functions[String(index)]?.instances },
      ])
    const sum = limits.reduce((all, { values }) => all + values.policy[0].zone_instances_limit, 0)
    expect(limits.length).toBe(functionNames.length)
    expect(sum).toBeLessThanOrEqual(10)
  })

  test('environment and secrets of a function fit into 4 KB, its archive into what may be sent', () => {
    const { custom } = readServerless()
    const longest = 200
    const functions = changes.filter((one) => one.type === 'yandex_function')
    expect(functions.length).toBe(functionNames.length)
    for (const { change } of functions) {
      const { name, secrets: bound } = change.after
      const fn = name.replace('social-sync-', '')
      // Values are known after the apply alone; none of those that a stack gives is longer than this.
      const names = [
        ...(custom.functions[fn]?.environment ?? []),
        ...bound.map((one: { environment_variable: string }) => one.environment_variable),
        ...['DATABASE_CA', 'RELEASE'],
      ]
      // Ids that clouds and platforms give are short.
      const mostOf = (key: string) => (/_ID$|CLIENT_KEY$/.test(key) ? 64 : longest)
      const size = names.reduce((sum, key) => sum + key.length + mostOf(key), 0)
      expect(size, name).toBeGreaterThan(300)
      expect(size, name).toBeLessThan(4_096)
      expect(statSync(join(folder, 'dist', `${fn}.zip`)).size).toBeLessThan(mostBytes)
    }
  })

  test('the database is reached by the functions alone, over its own port', () => {
    const [group] = of('yandex_vpc_security_group')
    const open = group?.values.ingress.filter((rule: { port: number }) => rule.port === 6432)
    expect(open).toMatchObject([{ protocol: 'TCP', v4_cidr_blocks: ['198.19.0.0/16'] }])
    const [cluster] = of('yandex_mdb_postgresql_cluster_v2')
    const hosts = Object.values<{ assign_public_ip?: boolean }>(cluster?.values.hosts ?? {})
    expect(hosts.length).toBe(1)
    for (const host of hosts) expect(host.assign_public_ip ?? false).toBe(false)
    expect(cluster?.values.deletion_protection).toBe(true)
  })

  test('functions hold few connections in transactions, migrations one session', () => {
    const modes = Object.fromEntries(
      of('yandex_mdb_postgresql_user').map(({ values }) => [values.name, values.settings.pool_mode]),
    )
    expect(modes).toEqual({
      ...Object.fromEntries(
        functionNames
          .filter((name) => name !== 'maintain')
          .map((name) => [`social_sync_${name.replaceAll('-', '_')}`, 'transaction']),
      ),
      ...{ social_sync_migrate: 'session', social_sync_run: 'transaction', social_sync_read: 'session' },
    })
    const limits = of('yandex_mdb_postgresql_user').map(({ values }) => values.conn_limit)
    // The least that the cloud takes; and the server keeps fifteen for itself.
    for (const limit of limits) expect(limit).toBeGreaterThanOrEqual(10)
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(160 - 15)
    const migrate = of('yandex_mdb_postgresql_user').find(
      ({ values }) => values.name === 'social_sync_migrate',
    )
    const lives = Number(readServerless().functions['maintain']?.timeout) * 1_000
    // A statement is ended by the server, or given up by us, before the function is.
    expect(patienceMs).toBeLessThan(lives)
    expect(Number(migrate?.values.settings.statement_timeout)).toBeLessThanOrEqual(lives)
  })

  test('no secret stands in the plan', () => {
    for (const { values } of of('yandex_mdb_postgresql_user')) expect(values.password ?? null).toBeNull()
    expect(shown).toContain('secret.mjs')
    expect(shown).not.toMatch(/marked-|not made yet/)
  })
})
