import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { findProgram } from '../../local/drivers/servers.ts'
import { freePort } from '../../local/free-port.ts'
import { toolsFolder } from '../../local/tools/tools.ts'
import { eventually } from './eventually.ts'
import { project } from './start.ts'

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  // biome-ignore lint/suspicious/noExplicitAny: manifests are looked at here and there
  readonly [field: string]: any
}

export const chart = join(project, 'deploy/helm/social-sync')
const helmPath = findProgram('helm')
const validatorPath = join(toolsFolder(), 'kubernetes-validate/bin/kubernetes-validate')
const crds = join(toolsFolder(), 'keda-crds')

/** What is at hand; a test that is skipped for want of it says so. */
export const has = {
  helm: helmPath !== undefined,
  schemas: existsSync(validatorPath),
  server: findProgram('etcd') !== undefined && findProgram('kube-apiserver') !== undefined,
  keda: existsSync(crds),
}
for (const [name, isThere] of Object.entries(has))
  if (!isThere) console.warn(`${name}: not at hand (npm run tools), and what needs it is skipped`)

/** Runs helm over the chart; throws with what it printed. */
export const helm = (...args: readonly string[]): string =>
  execFileSync(helmPath ?? 'helm', args, { encoding: 'utf8', stdio: 'pipe' })

/** The manifests of the chart with these values. */
export function rendered(values: object = {}, ...args: readonly string[]): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-values-'))
  const file = join(folder, 'values.yaml')
  writeFileSync(file, JSON.stringify(values))
  try {
    const text = helm('template', 'own', chart, '--namespace', 'default', '--values', file, ...args)
    return parseAllDocuments(text).flatMap((one) => (one.toJS() === null ? [] : [one.toJS() as Manifest]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What the schemas of a version of Kubernetes have against these manifests, unknown fields included; empty: nothing. */
export function faultsBySchema(manifests: readonly Manifest[], version: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-manifests-'))
  const file = join(folder, 'all.yaml')
  writeFileSync(file, manifests.map((one) => `---\n${JSON.stringify(one)}\n`).join(''))
  try {
    execFileSync(validatorPath, ['--strict', '--quiet', '-k', version, file], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    return `${stdout}${stderr}` || String(error)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const paths: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'customresourcedefinitions',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  TriggerAuthentication: 'triggerauthentications',
}

/** A real API server over a real etcd, without anything that would run what it is given. */
export async function openKubernetes() {
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-kubernetes-'))
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const at = (name: string) => join(folder, name)
  execFileSync('openssl', ['genrsa', '-out', at('accounts.key'), '2048'], { stdio: 'ignore' })
  writeFileSync(at('tokens'), 'token,admin,admin,"system:masters"\n')
  const own = (number: number) => `http://127.0.0.1:${number}`
  const started = [
    start('etcd', {
      ...{ 'data-dir': at('etcd'), 'unsafe-no-fsync': 'true', 'log-level': 'error' },
      ...{ 'listen-client-urls': own(client), 'advertise-client-urls': own(client) },
      ...{ 'listen-peer-urls': own(peer), 'initial-advertise-peer-urls': own(peer) },
      ...{ 'initial-cluster': `default=${own(peer)}` },
    }),
    start('kube-apiserver', {
      ...{ 'etcd-servers': own(client), 'secure-port': String(port), 'bind-address': '127.0.0.1' },
      ...{ 'cert-dir': at('certificates'), 'token-auth-file': at('tokens'), 'authorization-mode': 'RBAC' },
      ...{ 'service-account-issuer': 'https://local', 'service-account-key-file': at('accounts.key') },
      ...{
        'service-account-signing-key-file': at('accounts.key'),
        'disable-admission-plugins': 'ServiceAccount',
      },
      ...{ 'service-cluster-ip-range': '10.96.0.0/16' },
    }),
  ]
  const ask = (method: string, path: string, body?: object) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { authorization: 'Bearer token', 'content-type': 'application/apply-patch+yaml' }
      // It has made its certificate by itself.
      const options = { method, headers, rejectUnauthorized: false }
      const asked = request(`https://127.0.0.1:${port}${path}`, options, (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asked.on('error', reject).end(body && JSON.stringify(body))
    })
  const apply = (manifest: Manifest, isTried = false) =>
    ask(
      'PATCH',
      `${placeOf(manifest)}?fieldManager=test&fieldValidation=Strict${isTried ? '&dryRun=All' : ''}`,
      manifest,
    )
  await eventually(async () => (await ask('GET', '/readyz').catch(() => undefined))?.status === 200, 60_000)
  return {
    apply,
    remove: (manifest: Manifest) => ask('DELETE', `${placeOf(manifest)}?propagationPolicy=Background`),
    /** Makes KEDA's kinds known. */
    learnKeda: async () => {
      for (const name of ['scaledobjects', 'triggerauthentications'])
        await apply(parse(readFileSync(join(crds, `keda.sh_${name}.yaml`), 'utf8')))
      const path = '/apis/keda.sh/v1alpha1'
      await eventually(async () => (await ask('GET', path)).text.includes('triggerauthentications'))
    },
    close: async () => {
      for (const process of started) process.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function placeOf({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const plural = paths[kind] ?? `${kind.toLowerCase()}s`
  return `${group}${kind === 'CustomResourceDefinition' ? '' : '/namespaces/default'}/${plural}/${metadata.name}`
}

function start(program: string, options: Readonly<Record<string, string>>) {
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`)
  return spawn(findProgram(program) ?? program, args, { stdio: 'ignore' })
}
