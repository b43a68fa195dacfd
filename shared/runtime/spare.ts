import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spare } from '../model/credential.ts'

/**
 * Keeps texts beside the database: in memory, and in the temporary folder of the instance, which may outlive the process.
 * @param of an identity, such as the database's address: only instances with the same one share their files
 */
export function openSpare(of: string): Spare {
  const folder = join(tmpdir(), `social-sync-${createHash('sha256').update(of).digest('hex').slice(0, 16)}`)
  const memory = new Map<string, string>()
  const fileOf = (name: string) => join(folder, `${name}.sealed`)
  return {
    put: (name, text) => {
      memory.set(name, text)
      // A folder that cannot be written leaves the memory.
      quietly(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeFileSync(fileOf(name), text, { mode: 0o600 })
      })
    },
    all: () => {
      const files = quietly(() => readdirSync(folder)) ?? []
      for (const file of files.filter((one) => one.endsWith('.sealed'))) {
        const text = quietly(() => readFileSync(join(folder, file), 'utf8'))
        if (text) memory.set(file.slice(0, -'.sealed'.length), text)
      }
      return [...memory].map(([name, text]) => ({ name, text }))
    },
    remove: (name) => {
      memory.delete(name)
      quietly(() => rmSync(fileOf(name), { force: true }))
    },
  }
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
