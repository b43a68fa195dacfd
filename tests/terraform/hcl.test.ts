import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from '@cdktn/hcl2json'
import { beforeAll, describe, expect, test } from 'vitest'
import { secretNames as secretsIn } from '#shared/runtime/config.ts'
import { functionNames, functionOf } from '../../local/functions.ts'
import { readServerless } from '../../local/serverless.ts'
import { hasTerraform, terraform } from '../setup/terraform.ts'

const folder = join(import.meta.dirname, '../../terraform')

type Body = Readonly<Record<string, unknown>>
interface Hcl {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, readonly Body[]>>>>
  readonly data?: Readonly<Record<string, unknown>>
  readonly variable?: Readonly<Record<string, readonly Body[]>>
  readonly output?: Readonly<Record<string, readonly Body[]>>
}
const schemas = functionNames.map((name) => functionOf(name).settings)
const settingNames = new Set(schemas.flatMap(({ shape }) => Object.keys(shape)))
const secretNames = new Set(schemas.flatMap(secretsIn))
const files: Record<string, Hcl> = {}

beforeAll(async () => {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.tf')))
    files[name] = (await parse(name, readFileSync(join(folder, name), 'utf8'))) as Hcl
})

const every = <T>(of: (file: Hcl) => Readonly<Record<string, T>> | undefined) =>
  Object.values(files).flatMap((file) => Object.entries(of(file) ?? {}))
const resources = () =>
  every((file) => file.resource).flatMap(([type, ones]) =>
    Object.entries(ones).map(([name, [body]]) => ({ type, name, body })),
  )
const bodyOf = (type: string, name: string) =>
  JSON.stringify(resources().find((one) => one.type === type && one.name === name)?.body)

test('a plan makes no call: there is no data source', () => {
  expect(every((file) => file.data)).toEqual([])
})

test('no other member loses a role: there are members, and a binding only of a database that is ours alone', () => {
  const roles = resources().filter(
    ({ type }) => /_iam_/.test(type) && !/service_account$|access_key$/.test(type),
  )
  expect(roles.length).toBeGreaterThan(4)
  const bindings = roles.flatMap(({ type }) => (/_iam_member$/.test(type) ? [] : [type]))
  expect(bindings).toEqual(['yandex_ydb_database_iam_binding'])
})

test('every variable and output says what it is, and every variable has a type', () => {
  expect(every((file) => file.variable).length).toBeGreaterThan(8)
  for (const [name, [body]] of every((file) => file.variable)) {
    expect(body, name).toHaveProperty('description')
    expect(body, name).toHaveProperty('type')
  }
  for (const [name, [body]] of every((file) => file.output)) expect(body, name).toHaveProperty('description')
})

test('functions, timers and rings come from serverless.yml and from nowhere else', () => {
  const text = Object.entries(files)
    .map(([, file]) => JSON.stringify(file))
    .join('\n')
  for (const name of functionNames.filter((one) => !['sync', 'maintain'].includes(one)))
    expect(text, name).not.toMatch(new RegExp(`\\\\?"${name}\\\\?"`))
  expect(bodyOf('yandex_function', 'this')).toContain('module.stack.functions')
  expect(bodyOf('yandex_function_trigger', 'timer')).toContain('module.stack.timers')
  expect(bodyOf('yandex_message_queue', 'ring')).toContain('module.stack.rings')
  expect(Object.keys(readServerless().functions)).toEqual([...functionNames])
})

test('what is edited in the console stays: cron, batch and cutoff', () => {
  expect(bodyOf('yandex_function_trigger', 'timer')).toMatch(/ignore_changes.*timer\[0\]\.cron_expression/)
  expect(bodyOf('yandex_function_trigger', 'ring')).toMatch(/ignore_changes.*batch_size.*batch_cutoff/)
})

test('the schema is brought forward before any other function is updated', () => {
  // Its version is known only after an update: the call would come one apply late.
  expect(bodyOf('terraform_data', 'migrated')).toMatch(/"triggers_replace":"\$\{local\.hash\.maintain\}"/)
  expect(bodyOf('terraform_data', 'migrated')).toMatch(/depends_on.*yandex_function\.maintain/)
  expect(bodyOf('yandex_function', 'this')).toMatch(/depends_on.*terraform_data\.migrated/)
})

test('nothing goes on over a version that the cloud refused', () => {
  for (const name of ['maintain', 'this'])
    expect(bodyOf('yandex_function', name), name).toMatch(/"postcondition".*self\.version != null/)
})

test('a new key exists before the old one goes', () => {
  expect(bodyOf('yandex_iam_service_account_static_access_key', 'ringer')).toContain(
    '"create_before_destroy":true',
  )
})

test('no secret is written into the state: passwords are write-only, secrets come from a command', () => {
  for (const name of ['migrate', 'run', 'read']) {
    const user = bodyOf('yandex_mdb_postgresql_user', name)
    expect(user, name).toContain('"password_wo":')
    expect(user, name).not.toMatch(/"password"/)
  }
  for (const { type, name, body } of resources())
    if (type === 'yandex_lockbox_secret_version') {
      expect(JSON.stringify(body), name).toContain('"command"')
      expect(JSON.stringify(body), name).not.toContain('text_value')
      expect(JSON.stringify(body), name).toContain('"create_before_destroy":true')
    }
})

test('every secret that a function reads can be given, and is refused among the settings', () => {
  const variables = JSON.stringify(Object.fromEntries(every((file) => file.variable)))
  const made = [
    'DATABASE_URL',
    'DATABASE_PASSWORD',
    'QUEUE_ACCESS_KEY_ID',
    'QUEUE_SECRET_ACCESS_KEY',
    'API_KEY',
    'CREDENTIALS_KEY',
  ]
  const [, pattern = ''] =
    /regex\(\\"([^"\\]+)\\"/.exec(variables.slice(variables.indexOf('keys(var.settings) : name'))) ?? []
  expect(pattern).toContain('SECRET')
  const refused = new RegExp(pattern)
  const listed = new Set(Object.values(readServerless().custom.functions).flatMap(({ secrets }) => secrets))
  for (const name of secretNames) {
    expect(name, 'among settings').toMatch(refused)
    if (made.includes(name)) continue
    expect(listed, 'in serverless.yml').toContain(name)
    expect(variables, 'in var.secrets').toContain(`\\"${name}\\"`)
  }
  const open = [...settingNames].filter((name) => !secretNames.has(name) && name !== 'QUEUE_ACCESS_KEY_ID')
  for (const name of open) expect(name, 'is no secret').not.toMatch(refused)
})

describe.skipIf(!hasTerraform)('with terraform at hand', () => {
  test('every file is formatted', () => {
    expect(() => terraform(folder, ['fmt', '-check', '-recursive'])).not.toThrow()
  })

  test('the module that knows no provider passes its own tests', () => {
    const stack = join(folder, 'modules/stack')
    terraform(stack, ['init', '-backend=false', '-input=false'])
    expect(terraform(stack, ['test'])).toMatch(/5 passed, 0 failed/)
  })
})
