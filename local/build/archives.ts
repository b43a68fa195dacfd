import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zipSync } from 'fflate'

/** Larger ones the cloud takes from a bucket only (Cloud Functions, limits). */
export const mostBytes = 3_670_016

/** The same files give the same bytes: no time of a file is kept. */
const noTime = new Date(1980, 0, 1)

/** Packs a folder, source maps apart, for the cloud; returns the size of the archive. */
export function writeArchive(folder: string, archive: string): number {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]))
  const bytes = zipSync(files, { level: 9, mtime: noTime })
  writeFileSync(archive, bytes)
  return bytes.length
}
