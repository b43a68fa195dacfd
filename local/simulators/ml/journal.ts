import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Job } from './job.ts'

interface Entry {
  readonly key: string
  readonly job: Job
}

/** The jobs a simulated provider took, kept in a file of one JSON object a line; without a path nothing is kept. */
export function openJournal(path: string | undefined) {
  return {
    read: (): Entry[] => {
      if (path === undefined || !existsSync(path)) return []
      // The last line may have been cut off by a kill.
      const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1)
      return whole.map((line) => JSON.parse(line))
    },
    append: (entry: Entry) => {
      if (path !== undefined) appendFileSync(path, `${JSON.stringify(entry)}\n`)
    },
  }
}
