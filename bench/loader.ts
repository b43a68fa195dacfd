import { readFileSync } from 'node:fs'
import { openPool } from '#shared/db/pool.ts'
import type { BenchAccount } from './pages.ts'
import { keepAll, prepare, transformAll } from './pipeline.ts'
import { usage } from './processes.ts'

/**
 * A process that loads pages as the functions do: `keep` them, `transform` them, or both. It says when it is ready, begins at a
 * message, and says what it used.
 */
const [url = '', role = '', file = ''] = process.argv.slice(2)
const accounts: BenchAccount[] = role === 'transform' ? [] : JSON.parse(readFileSync(file, 'utf8'))
const db = openPool({ url, max: 3 })
const state = { kept: false }
const tasks = role === 'transform' ? undefined : await prepare(db, accounts)
const before = usage().cpu

process.on('message', (said) => {
  if (said === 'go') void work()
  else state.kept = true
})
process.send?.('ready')

async function work(): Promise<void> {
  const keeping = tasks
    ? keepAll(db, accounts, tasks).finally(() => {
        state.kept = true
      })
    : undefined
  const transformers = { all: 2, transform: 1 }[role] ?? 0
  await Promise.all([keeping, ...Array.from({ length: transformers }, () => transformAll(db, state))])
  const { cpu, peakMb } = usage()
  process.send?.({ cpu: cpu - before, peakMb })
}
