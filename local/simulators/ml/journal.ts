import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
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
      const text = readFileSync(path, 'utf8')
      // The last line may have been cut off by a kill; what is appended must not go on with it.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      if (whole !== text) writeFileSync(path, whole)
      return whole
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    append: (entry: Entry) => {
      if (path !== undefined) appendFileSync(path, `${JSON.stringify(entry)}\n`)
    },
  }
}
