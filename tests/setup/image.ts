import { execFileSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtConsole } from '../../local/console.ts'
import { findProgram } from '../../local/drivers/servers.ts'
import { layRuntime, startContained } from './container.ts'
import { project } from './start.ts'

/** An image, unpacked. */
export interface Image {
  readonly root: string
  readonly user: string
  bytes(): number
  start(args: readonly string[], env: Readonly<Record<string, string>>): ReturnType<typeof startContained>
  remove(): void
}

const missing = ['buildah', 'umoci', 'debootstrap'].filter((name) => findProgram(name) === undefined)
/** Whether `deploy/Dockerfile` can be built here, without a Docker engine. */
export const canBuild = missing.length === 0
if (!canBuild) console.warn(`${missing.join(', ')} not on the path: deploy/Dockerfile is not built`)

const newFolder = () => mkdtempSync(join(tmpdir(), 'social-sync-image-'))
const bytesOf = (root: string) =>
  globSync(`${root}/{app,nodejs,lib,lib64,usr,etc}/**/*`).reduce((sum, path) => sum + statSync(path).size, 0)

/** What the image holds, upon what this machine has: made within seconds. */
export async function laidImage(): Promise<Image> {
  const folder = newFolder()
  const root = join(folder, 'root')
  layRuntime(root)
  // In a process of its own, as by `npm run build`: the list of contents is made over the real console.
  const script = `const { buildImage } = await import('./local/build/image.ts'); await buildImage(...process.argv.slice(1))`
  const args = ['--input-type=module', '-e', script, join(root, 'app'), await builtConsole(folder)]
  execFileSync(process.execPath, args, { stdio: 'pipe', cwd: project })
  const user = /^USER (.+)$/m.exec(readFileSync(join(project, 'deploy/Dockerfile'), 'utf8'))?.[1] ?? ''
  return imageOf(folder, root, user, ['/nodejs/bin/node', '/app/main.js'], {})
}

/**
 * The image as `deploy/Dockerfile` says, built by buildah: all its stages, upon a Debian of its own for what the public images of Node
 * bring, and upon a root of Node alone for what distroless brings. Takes some minutes.
 */
export async function builtImage(): Promise<Image> {
  const folder = newFolder()
  const at = (...names: string[]) => join(folder, ...names)
  const buildah = (...args: string[]) =>
    execFileSync(
      'buildah',
      ['--storage-driver', 'vfs', '--root', at('store'), '--runroot', at('run'), ...args],
      { stdio: 'pipe', cwd: project },
    )
  const imageFrom = (name: string, context: string, ...env: string[]) => {
    const from = buildah('from', 'scratch').toString().trim()
    buildah('copy', from, context, '/')
    buildah('config', ...env.flatMap((one) => ['--env', one]), from)
    buildah('commit', from, name)
  }
  layRuntime(at('runtime'))
  imageFrom('localhost/runtime', at('runtime'))
  layBuilder(at('builder'))
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  imageFrom(
    'localhost/builder',
    at('builder'),
    'PATH=/usr/local/bin:/usr/bin:/bin',
    `NODE_EXTRA_CA_CERTS=${certificates}`,
  )
  const args = ['BUILDER=localhost/builder', 'RUNTIME=localhost/runtime'].flatMap((arg) => [
    '--build-arg',
    arg,
  ])
  buildah('bud', '--isolation', 'chroot', ...args, '-t', 'social-sync', '-f', 'deploy/Dockerfile', '.')
  buildah('push', 'social-sync', `oci:${at('image')}:latest`)
  execFileSync('umoci', ['unpack', '--image', `${at('image')}:latest`, at('bundle')], { stdio: 'pipe' })
  const { process: made } = JSON.parse(readFileSync(at('bundle/config.json'), 'utf8'))
  const env = Object.fromEntries(made.env.map((one: string) => one.split(/=(.*)/s).slice(0, 2)))
  const { uid, gid } = made.user
  return imageOf(folder, at('bundle/rootfs'), `${uid}:${gid}`, made.args.slice(0, 2), env)
}

/** A Debian with the Node and npm of this machine. */
function layBuilder(root: string): void {
  const packages = '--include=ca-certificates'
  execFileSync('debootstrap', ['--variant=minbase', packages, 'bookworm', root], { stdio: 'pipe' })
  // Its command is a link into it.
  const npm = join(realpathSync(findProgram('npm') ?? ''), '../..')
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  cpSync(process.execPath, join(root, 'usr/local/bin/node'), { dereference: true })
  // Of this machine: a mirror of packages may have a certificate of its own.
  const certificates = 'etc/ssl/certs/ca-certificates.crt'
  cpSync(join('/', certificates), join(root, certificates), { dereference: true })
}

function imageOf(
  folder: string,
  root: string,
  user: string,
  entrypoint: readonly string[],
  own: Readonly<Record<string, string>>,
): Image {
  return {
    ...{ root, user },
    bytes: () => bytesOf(root),
    start: (args, env) => startContained(root, [...entrypoint, ...args], { ...own, ...env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
