import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDiscovery } from '../setup/discovery.ts'
import { project } from '../setup/start.ts'
import { hasProvider, init, terraform, terraformServed } from '../setup/terraform.ts'

const why = hasProvider ? 'the real provider' : 'needs terraform and its provider, see CONTRIBUTING.md'
const passwords = {
  migrate: 'marked-migrate-0000',
  run: 'marked-run-00000000',
  read: 'marked-read-0000000',
  valkey: 'marked-valkey-00000',
}

interface Plan {
  readonly shown: string
  // biome-ignore lint/suspicious/noExplicitAny: values of a plan have the shapes of the provider
  readonly of: (type: string) => readonly any[]
}

describe.skipIf(!hasProvider)(`a plan of the second root (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-kubernetes-root-'))
  const run = async (...args: readonly string[]) => {
    const discovery = await openDiscovery()
    const env = { ...discovery.env, TF_VAR_passwords: JSON.stringify(passwords) }
    return terraformServed(folder, args, env).finally(() => discovery.close())
  }
  const planOf = async (...variables: readonly string[]): Promise<Plan> => {
    const chosen = variables.map((one) => `-var=${one}`)
    await run('plan', '-input=false', '-refresh=false', '-out=plan', ...chosen)
    const shown = terraform(folder, ['show', '-json', 'plan'])
    const { planned_values } = JSON.parse(shown)
    const resources: readonly { type: string; values: object }[] = planned_values.root_module.resources
    const of = (type: string) => resources.filter((one) => one.type === type).map(({ values }) => values)
    return { shown, of }
  }
  let flow: Plan
  let temporal: Plan
  beforeAll(async () => {
    const own = /\.tfstate|\.tfvars$|\.terraform\b/
    cpSync(join(project, 'terraform/kubernetes'), folder, {
      recursive: true,
      filter: (path) => !own.test(path),
    })
    cpSync(join(folder, 'terraform.tfvars.example'), join(folder, 'terraform.tfvars'))
    writeFileSync(join(folder, 'RootCA.pem'), '-----BEGIN CERTIFICATE-----\n')
    init(folder)
    terraform(folder, ['validate'])
    flow = await planOf()
    temporal = await planOf('variant=temporal', 'size=large')
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('it has a cluster with its nodes, a database and, for the flow, a Valkey that forgets nothing', () => {
    for (const { of } of [flow, temporal]) {
      expect(of('yandex_kubernetes_cluster')).toMatchObject([{ network_policy_provider: 'CALICO' }])
      expect(of('yandex_kubernetes_node_group')).toHaveLength(1)
      expect(of('yandex_mdb_postgresql_cluster_v2')).toMatchObject([{ deletion_protection: true }])
    }
    expect(flow.of('yandex_mdb_redis_cluster_v2')).toMatchObject([
      { tls_enabled: true, config: { version: '7.2-valkey', maxmemory_policy: 'NOEVICTION' } },
    ])
    expect(temporal.of('yandex_mdb_redis_cluster_v2')).toEqual([])
    expect(temporal.of('yandex_kubernetes_cluster')[0].master[0].master_location).toHaveLength(3)
  })

  test('databases are reached from inside alone, the masters from the addresses that are named', () => {
    for (const { of } of [flow, temporal]) {
      const hosts = [...of('yandex_mdb_postgresql_cluster_v2'), ...of('yandex_mdb_redis_cluster_v2')].flatMap(
        (cluster) => Object.values<{ assign_public_ip?: boolean }>(cluster.hosts),
      )
      for (const host of hosts) expect(host.assign_public_ip ?? false).toBe(false)
      const groups = of('yandex_vpc_security_group')
      const opened = (name: string, ports: readonly number[]) =>
        groups
          .filter((group) => group.name.endsWith(name))
          .flatMap((group) => group.ingress.filter(({ port }: { port: number }) => ports.includes(port)))
          .flatMap(({ v4_cidr_blocks }: { v4_cidr_blocks: readonly string[] }) => v4_cidr_blocks)
      expect(new Set(opened('-data', [6432, 6380]))).toEqual(
        new Set(['10.96.0.0/16', '10.97.0.0/16', '10.128.0.0/16']),
      )
      expect(new Set(opened('-cluster', [443, 6443]))).toEqual(new Set(['203.0.113.7/32']))
      for (const { instance_template } of of('yandex_kubernetes_node_group'))
        expect(instance_template[0].network_interface[0].nat).toBe(false)
    }
  })

  test('no password stands in the plan', () => {
    for (const { shown } of [flow, temporal]) expect(shown).not.toContain('marked-')
  })

  test('all addresses, a short password and an old version of Kubernetes are refused by name', async () => {
    const faults = [
      ['administrators=["0.0.0.0/0"]', 'not all of them'],
      ['passwords={migrate="short",run="short",read="short"}', 'at least 16 characters'],
      ['kubernetes_version=1.29', '1.33 or later'],
    ] as const
    for (const [variable, message] of faults) await expect(planOf(variable)).rejects.toThrow(message)
  })

  test('it puts out the values of the chart: addresses without passwords, and whom to trust', async () => {
    expect(await run('test')).toContain('2 passed, 0 failed')
  })
})
