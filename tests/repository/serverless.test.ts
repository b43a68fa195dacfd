import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { functionNames, functionOf } from '../../local/functions.ts'
import { readServerless } from '../../local/serverless.ts'
import { cronOf } from '../../local/triggers.ts'

const text = readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')
const { functions, custom } = readServerless()

test('serverless.yml lists the functions that exist, and no other', () => {
  expect(Object.keys(functions).sort()).toEqual([...functionNames].sort())
  expect(Object.keys(custom.functions).sort()).toEqual([...functionNames].sort())
  expect(functionNames.length).toBeLessThanOrEqual(8)
})

test.for(functionNames)('%s is given settings that it reads, and its bundle', (name) => {
  const given = [...(custom.functions[name]?.environment ?? []), ...(custom.functions[name]?.secrets ?? [])]
  expect(Object.keys(functionOf(name).settings.shape)).toEqual(expect.arrayContaining(given))
  expect(functions[name]?.handler).toBe(`dist/${name}/index.handler`)
})

test('functions that keep, read or delete raw answers are led to YDB, and no other', () => {
  for (const name of functionNames)
    expect(custom.functions[name]?.environment.includes('YDB_URL'), name).toBe(
      'RAW_STORE' in functionOf(name).settings.shape,
    )
})

test('every queue trigger has a queue whose visibility is longer than its function may wait for an instance and run', () => {
  for (const [name, declared] of Object.entries(functions)) {
    for (const event of declared.events) {
      if ('ymq' in event)
        expect(custom.queues[event.ymq.queue]?.visibility, name).toBeGreaterThan(
          2 * Number(declared.timeout) + event.ymq.cutoff,
        )
      else expect(cronOf(event.cron.expression).nextRun()).toBeInstanceOf(Date)
    }
  }
})

test('YAML 1.1 and 1.2 read the file alike, and it has neither anchors nor variables', () => {
  expect(parse(text, { version: '1.1' })).toEqual(parse(text, { version: '1.2' }))
  expect(text).not.toMatch(/\$\{|:\s*[&*]\w/)
})
