// One measure of one library in a process of its own: `run.mjs LIBRARY scenario|throughput|victim|recover URL [COUNT]`.
import { setTimeout as after } from 'node:timers/promises'
import { queues } from './queues.mjs'
import { openWork, prepare, size, statements } from './work.mjs'

const [library = '', what = '', url = '', count = '0'] = process.argv.slice(2)
const queue = queues[library]
const tell = (result) => process.stdout.write(`${JSON.stringify(result)}\n`)

const measures = {
  /** Enqueue to the last job completed. */
  scenario: async () => {
    await prepare(url)
    await queue.migrate(url)
    const work = openWork(url)
    const running = await queue.start(url, work)
    statements.count = 0
    const since = performance.now()
    await running.enqueue(size.pages)
    while (work.done() < size.jobs) await after(1)
    tell({ ms: performance.now() - since, statements: statements.count })
    await running.stop()
  },
  /** Jobs that do nothing, there before; from the start of the workers to the last one acknowledged. */
  throughput: async () => {
    await queue.migrate(url)
    const producer = await queue.start(url, openWork(url), { workers: false })
    for (let from = 0; from < Number(count); from += 1000) await producer.enqueueNothing(1000)
    const since = performance.now()
    const running = await queue.start(url, openWork(url), { quickest: true })
    await untilNoneLeft(25)
    tell({ jobsPerSecond: Number(count) / ((performance.now() - since) / 1000) })
    await running.stop()
    await producer.stop()
  },
  /** Takes jobs, stops in the middle of them and waits to be killed. */
  victim: async () => {
    await prepare(url)
    await queue.migrate(url)
    let begun = 0
    const work = openWork(url, async () => {
      begun += 1
      if (begun <= 60) return
      if (begun === 61) setTimeout(tell, 300, { held: true })
      await new Promise(() => undefined)
    })
    const running = await queue.start(url, work, { recover: true })
    await running.enqueue(size.pages)
    await after(120_000)
  },
  /** Starts after the victim was killed, until nothing is left. */
  recover: async () => {
    const since = performance.now()
    const running = await queue.start(url, openWork(url), { recover: true, unlock: true })
    await untilNoneLeft(20)
    tell({ ms: performance.now() - since })
    await running.stop()
  },
}

async function untilNoneLeft(everyMs) {
  const left = await queue.left(url)
  while ((await left.count()) > 0) await after(everyMs)
  await left.close()
}

await measures[what]()
process.exit(0)
