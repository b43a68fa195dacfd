import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

const succeeds = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whether the root of an image can be started here: by root of a Linux, who may mount. */
export const canContain =
  process.getuid?.() === 0 && succeeds('unshare', '--mount', '--pid', '--fork', 'true')
if (!canContain) console.warn('no root of a Linux here: the image is not started')

/** What the image builds upon: Node at the place that `deploy/Dockerfile` names, what it is linked to, and certificates. */
export function layRuntime(root: string): void {
  const node = realpathSync(process.execPath)
  put(node, join(root, 'nodejs/bin/node'))
  const linked = execFileSync('ldd', [node], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  // Temporal's native part is linked to a further one of the same package.
  const further = linked
    .filter((path) => /\/libc\.so/.test(path))
    .map((path) => join(dirname(path), 'librt.so.1'))
  for (const library of [...linked, ...further]) put(library, join(root, library))
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  if (existsSync(certificates)) put(certificates, join(root, certificates))
  for (const folder of ['proc', 'dev', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), 'nonroot:x:65532:65532::/:/sbin/nologin\n')
}

function put(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(realpathSync(from), to)
}

/** Mounts a root read-only, and makes a program of it the first process of its own, with a user who may do nothing. */
const contained = [
  'mount --bind "$1" "$1"',
  'mount -t proc proc "$1/proc"',
  'mount -o remount,bind,ro "$1"',
  'exec chroot --userspec=65532:65532 "$@"',
].join(' && ')

/** Starts a program in the root of an image as a container runtime does. */
export function startContained(
  root: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const unshare = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    contained,
    'sh',
    root,
    ...command,
  ]
  const child = spawn('unshare', unshare, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env } })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
  return {
    output: () => output,
    ended,
    /** Asks the first process of the container to end. Resolves to its exit code. */
    stop: () => {
      const [first] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ')
      process.kill(Number(first), 'SIGTERM')
      return ended
    },
  }
}
