import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { apiSettings, owner, pool, workerSettings } from '#drivers/core/settings.ts'
import { flowSettings } from '#drivers/flow/settings.ts'
import { temporalSettings } from '#drivers/temporal/settings.ts'
import { raw } from '#shared/db/sql.ts'
import { readConfig, secretNames, stageSettings } from '#shared/runtime/config.ts'
import { openTestDatabase } from '../setup/database.ts'
import {
  chart,
  faultsBySchema,
  has,
  helm,
  type Manifest,
  openKubernetes,
  rendered,
} from '../setup/kubernetes.ts'
import { project } from '../setup/start.ts'

const read = (path: string) => parse(readFileSync(join(chart, path), 'utf8'))
const sizes = readdirSync(join(chart, '../values'))
const valuesOf = (size: string): object => read(`../values/${size}`)
/** Everything that can be switched on. */
const whole = {
  settings: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  worker: { autoscaling: { enabled: true } },
  mlServer: { enabled: true },
  ingress: {
    ...{ enabled: true, className: 'nginx', host: 'sync.example.com', tlsSecret: 'tls' },
    annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
  },
  imagePullSecrets: [{ name: 'registry' }],
  nodeSelector: { pool: 'sync' },
  tolerations: [{ key: 'sync', operator: 'Exists' }],
}
const inFlow = { ...whole, variant: 'flow' }
const inTemporal = { ...whole, variant: 'temporal' }
const keda = ['--api-versions', 'keda.sh/v1alpha1']
const of = (manifests: readonly Manifest[], kind: string, name: string): Manifest =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name) ??
  expect.fail(`no ${kind} ${name}`)

describe('the chart, as files', () => {
  test('its release is that of the product', () => {
    const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))
    expect(read('Chart.yaml')).toMatchObject({ version, appVersion: version })
  })

  test('its own values, and those for three sizes, are valid by its schema', () => {
    const validate = new Ajv().compile(JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')))
    const own = read('values.yaml')
    for (const values of [{}, ...sizes.map(valuesOf), inFlow, inTemporal]) {
      validate({ ...own, ...values })
      expect(validate.errors).toBeNull()
    }
  })

  test('it gives each program the secrets that the program reads, and no others', () => {
    const names = {
      api: secretNames(apiSettings),
      worker: secretNames(workerSettings),
      migrate: secretNames(stageSettings.migrate.extend(owner)),
      flow: secretNames(flowSettings),
      temporal: secretNames(temporalSettings),
    }
    const sorted = Object.fromEntries(Object.entries(names).map(([name, all]) => [name, all.sort()]))
    expect(read('secrets.yaml')).toEqual(sorted)
    const addresses = ['DATABASE_URL', 'OWNER_DATABASE_URL', 'REDIS_URL', 'FLOW_DATABASE_URL']
    const all = [...new Set(Object.values(names).flat())].filter((name) => !addresses.includes(name))
    expect(read('values.schema.json').properties.settings.propertyNames.not.enum).toEqual(all.sort())
  })

  test('the backlog that workers are scaled by is counted by the ledger', async () => {
    const { db } = await openTestDatabase()
    const [row] = await db.rows<object>(raw(readFileSync(join(chart, 'backlog.sql'), 'utf8')))
    expect(Object.values(row ?? {})).toEqual(['0'])
  })
})

describe.skipIf(!has.helm)('the chart, rendered by helm', { timeout: 120_000 }, () => {
  test('passes its linter without any value', () => {
    expect(helm('lint', '--strict', chart)).toContain('0 chart(s) failed')
  })

  test.for(['flow', 'temporal'])('with the variant %s it runs that worker, and tells the API', (variant) => {
    const manifests = rendered({ variant })
    const container = (program: string) =>
      of(manifests, 'Deployment', `own-${program}`)['spec'].template.spec.containers[0]
    expect(container('worker').args).toEqual([`${variant}-worker`])
    expect(container('api').env).toContainEqual({ name: 'DRIVER', value: variant })
    const names = container('worker').env.map(({ name }: { name: string }) => name)
    expect(names.includes('REDIS_URL')).toBe(variant === 'flow')
    expect(names.includes('TEMPORAL_API_KEY')).toBe(variant === 'temporal')
    expect(names).not.toContain('API_KEY')
  })

  test('each program accepts the settings that it is given', () => {
    const secrets = {
      DATABASE_URL: 'postgres://a@b/c',
      YOUTUBE_API_KEY: 'y'.repeat(16),
      API_KEY: 'k'.repeat(32),
    }
    const settings = {
      'flow-worker': workerSettings.extend(flowSettings.shape),
      'temporal-worker': workerSettings.extend(temporalSettings.shape),
      api: apiSettings.extend({ ...flowSettings.shape, ...temporalSettings.shape }),
      migrate: stageSettings.migrate.extend({ ...owner, ...pool }),
    }
    const settingsOf = (values: object) =>
      rendered(values).flatMap(({ spec }) =>
        (spec?.template?.spec?.containers ?? []).flatMap(
          ({ args, env }: { args?: string[]; env: object[] }) =>
            args ? [{ command: args[0] as keyof typeof settings, env }] : [],
        ),
      )
    const large = { settings: { INSTAGRAM_USER_ID: '17841400000000000', YOUTUBE_UNITS_PER_DAY: 2_000_000 } }
    for (const values of [{}, inFlow, inTemporal, large, ...sizes.map(valuesOf)])
      for (const { command, env } of settingsOf(values)) {
        const plain = env.flatMap(({ name, value }: { name: string; value?: string }) =>
          value === undefined ? [] : [[name, value]],
        )
        const config = readConfig(command, settings[command as keyof typeof settings], {
          ...secrets,
          ...Object.fromEntries(plain),
        })
        if (values === large && command === 'flow-worker')
          expect(config).toMatchObject({
            INSTAGRAM_USER_ID: '17841400000000000',
            YOUTUBE_UNITS_PER_DAY: 2_000_000,
          })
      }
  })

  test('pods run without rights on a root that they cannot write', () => {
    for (const values of [inFlow, inTemporal])
      for (const { kind, spec } of rendered(values).filter(({ kind }) =>
        ['Deployment', 'Job'].includes(kind),
      )) {
        const pod = spec.template.spec
        expect(pod.securityContext, kind).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        })
        expect(pod.automountServiceAccountToken).toBe(false)
        for (const { securityContext } of pod.containers)
          expect(securityContext).toEqual({
            ...{
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          })
      }
  })

  test('the schema is brought forward before an installation and an upgrade', () => {
    expect(of(rendered(), 'Job', 'own-migrate').metadata.annotations).toMatchObject({
      'helm.sh/hook': 'pre-install,pre-upgrade',
    })
  })

  test('workers scale by the ledger where KEDA is there, and by CPU where it is not', () => {
    const [with_, without] = [rendered(inFlow, ...keda), rendered(inFlow)]
    expect(of(with_, 'ScaledObject', 'own-worker')['spec'].triggers[0].metadata.query).toContain('sync_tasks')
    expect(with_.some(({ kind }) => kind === 'HorizontalPodAutoscaler')).toBe(false)
    expect(without.some(({ apiVersion }) => apiVersion.startsWith('keda.sh'))).toBe(false)
    expect(of(without, 'HorizontalPodAutoscaler', 'own-worker')['spec'].maxReplicas).toBe(4)
    // A number of replicas would undo what was scaled, at each upgrade.
    expect(of(without, 'Deployment', 'own-worker')['spec']).not.toHaveProperty('replicas')
  })

  test.for([
    ['a variant that there is not', { variant: 'cron' }, 'variant'],
    ['a secret among settings', { settings: { YOUTUBE_API_KEY: 'k' } }, 'YOUTUBE_API_KEY'],
    [
      'a password in an address',
      { settings: { DATABASE_URL: 'postgres://me:word@host/db' } },
      'DATABASE_URL',
    ],
    ['an id that a number cannot hold', { settings: { INSTAGRAM_USER_ID: 2 ** 54 } }, 'INSTAGRAM_USER_ID'],
    ['a value that there is not', { replicas: 3 }, 'replicas'],
    ['an ingress without a name', { ingress: { enabled: true } }, 'host'],
  ] as const)('%s is refused by name', ([, values, name]) => {
    expect(() => rendered(values)).toThrow(name)
  })

  test.skipIf(!has.schemas).for(['1.33', '1.34', '1.35', '1.36', '1.37'])(
    'the schemas of Kubernetes %s accept every manifest',
    (version) => {
      const all = [{}, inFlow, inTemporal, ...sizes.map(valuesOf)].flatMap((values) => rendered(values))
      expect(faultsBySchema(all, version)).toBe('')
      const [first, ...rest] = all
      expect(faultsBySchema([{ ...first, surplus: 1 } as unknown as Manifest, ...rest], version)).toContain(
        'surplus',
      )
    },
  )

  describe.skipIf(!has.server)('over a real API server', () => {
    let server: Awaited<ReturnType<typeof openKubernetes>>
    beforeAll(async () => {
      server = await openKubernetes()
      return server.close
    }, 120_000)

    const apply = async (values: object, ...args: readonly string[]) => {
      for (const manifest of rendered(values, ...args)) {
        // As helm does: the hook of before is removed.
        if (manifest.metadata.annotations?.['helm.sh/hook']) await server.remove(manifest)
        const { status, text } = await server.apply(manifest)
        expect([200, 201], `${manifest.kind} ${manifest.metadata.name}: ${text}`).toContain(status)
      }
    }

    test('it takes what every set of values renders, one after the other as upgrades', async () => {
      for (const values of [{}, inFlow, inTemporal, ...sizes.map(valuesOf)]) await apply(values)
    })

    test('it refuses a field that it does not know', async () => {
      const api = of(rendered(), 'Deployment', 'own-api')
      const { status, text } = await server.apply({ ...api, spec: { ...api['spec'], surplus: 1 } }, true)
      expect(status).not.toBe(200)
      expect(text).toContain('surplus')
    })

    test.skipIf(!has.keda)("it takes what is there for KEDA, by KEDA's own definitions", async () => {
      await server.learnKeda()
      await apply(inFlow, ...keda)
    })
  })
})
