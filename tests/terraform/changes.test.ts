import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDiscovery } from '../setup/discovery.ts'
import { layStack } from '../setup/stack.ts'
import { hasProvider, terraform, terraformServed } from '../setup/terraform.ts'

const why = hasProvider ? 'the real provider' : 'needs terraform and its provider, see CONTRIBUTING.md'
let folder = ''

describe.skipIf(!hasProvider)(`changes of a stack (${why})`, () => {
  beforeAll(() => {
    folder = layStack()
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('an address with a password in it is refused by the name of its setting', async () => {
    const discovery = await openDiscovery()
    const settings = `-var=settings=${JSON.stringify({ ML_URL: 'https://me:word@ml.example.com' })}`
    const args = ['plan', '-input=false', '-refresh=false', settings]
    const planning = terraformServed(join(folder, 'terraform'), args, discovery.env)
    const error = await planning.then(
      () => '',
      (failed: unknown) => String(failed),
    )
    discovery.close()
    expect(error).toContain('ML_URL. It belongs into secrets.json')
  })

  test('with a YDB raw answers go there: its database, its table, and who may use it', async () => {
    const here = join(folder, 'terraform')
    const discovery = await openDiscovery()
    const args = ['plan', '-input=false', '-refresh=false', '-out=ydb', '-var=ydb={"units_per_second":50}']
    await terraformServed(here, args, discovery.env)
    discovery.close()
    // biome-ignore lint/suspicious/noExplicitAny: values of a plan have the shapes of the provider
    const planned: { type: string; index?: string; values: any }[] = JSON.parse(
      terraform(here, ['show', '-json', 'ydb']),
    ).planned_values.root_module.resources
    const of = (type: string) => planned.filter((one) => one.type === type)
    const [database] = of('yandex_ydb_database_serverless')
    expect(database?.values.serverless_database).toMatchObject([
      { enable_throttling_rcu_limit: true, throttling_rcu_limit: 50, storage_size_limit: 50 },
    ])
    expect(
      of('yandex_ydb_table')
        .map(({ values }) => [values.path, values.ttl[0].column_name])
        .sort(),
    ).toEqual([
      ['fast_state', 'ends_at'],
      ['raw_bodies', 'expires_at'],
    ])
    expect(of('yandex_ydb_database_iam_binding')).toHaveLength(1)
  })

  test('without the file of secrets a plan stops, and says what makes it', async () => {
    const here = join(folder, 'terraform')
    const aside = join(here, 'aside.json')
    renameSync(join(here, 'secrets.json'), aside)
    const discovery = await openDiscovery()
    const planning = terraformServed(here, ['plan', '-input=false', '-refresh=false'], discovery.env)
    await expect(planning).rejects.toThrow('terraform/secrets.json is not there: npm run secrets makes it.')
    discovery.close()
    renameSync(aside, join(here, 'secrets.json'))
  })

  test('it puts out alarms over what this stack has', () => {
    expect(terraform(join(folder, 'terraform'), ['test'])).toContain('1 passed, 0 failed')
  })

  test('a stack stays in the network that it was made in', async () => {
    const here = join(folder, 'terraform')
    const subnets = Object.fromEntries(
      ['a', 'b', 'd'].map((zone) => [`ru-central1-${zone}`, `subnet-${zone}`]),
    )
    const inNetwork = (id: string) => `-var=network=${JSON.stringify({ id, subnets })}`
    const discovery = await openDiscovery()
    const targeted = ['-target=terraform_data.network', '-input=false']
    const run = (...args: string[]) => terraformServed(here, args, discovery.env)
    await run('apply', '-auto-approve', ...targeted, inNetwork('network-1'))
    expect(await run('plan', ...targeted, inNetwork('network-1'))).toContain('No changes')
    for (const other of [[inNetwork('network-2')], []])
      await expect(run('plan', ...targeted, ...other)).rejects.toThrow(/stays in the network/)
    discovery.close()
    rmSync(join(here, 'terraform.tfstate'))
  })

  test('the key that makes queues is made once more by a replacement, and no queue goes', async () => {
    const here = join(folder, 'terraform')
    const key = {
      id: 'key-1',
      access_key: 'old-access',
      secret_key: 'old-secret',
      service_account_id: 'queues',
    }
    const provider = 'provider["registry.terraform.io/yandex-cloud/yandex"]'
    const kept = (type: string, name: string, attributes: object, index_key?: string) => ({
      ...{ mode: 'managed', type, name, provider },
      instances: [{ schema_version: 0, attributes, ...(index_key === undefined ? {} : { index_key }) }],
    })
    const keys = { access_key: 'old-access', secret_key: 'old-secret' }
    const state = {
      ...{ version: 4, terraform_version: '1.11.0', serial: 1, lineage: 'tests', outputs: {} },
      resources: [
        kept('yandex_iam_service_account_static_access_key', 'queues', key),
        kept('yandex_message_queue', 'dead', {
          ...{ name: 'social-sync-dead', message_retention_seconds: 1_209_600, fifo_queue: false },
          ...{ delay_seconds: 0, max_message_size: 262_144, receive_wait_time_seconds: 0 },
          ...{ visibility_timeout_seconds: 30, content_based_deduplication: false, region_id: 'ru-central1' },
          ...{ ...keys, id: 'https://queues/dead', arn: 'arn' },
        }),
      ],
    }
    writeFileSync(join(here, 'terraform.tfstate'), JSON.stringify(state))
    const discovery = await openDiscovery()
    const replace = '-replace=yandex_iam_service_account_static_access_key.queues'
    const args = ['plan', '-input=false', '-refresh=false', '-out=rotation', replace]
    await terraformServed(here, args, discovery.env)
    discovery.close()
    const { resource_changes } = JSON.parse(terraform(here, ['show', '-json', 'rotation']))
    rmSync(join(here, 'terraform.tfstate'))
    const actionsOf = (address: string) =>
      resource_changes.find((one: { address: string }) => one.address === address)?.change.actions
    // The old one goes when every queue has the new one.
    expect(actionsOf('yandex_iam_service_account_static_access_key.queues')).toEqual(['create', 'delete'])
    expect(actionsOf('yandex_message_queue.dead')).toEqual(['update'])
  })
})
