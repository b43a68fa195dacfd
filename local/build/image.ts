import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cyclonedxEsbuildPlugin } from '@cyclonedx/cyclonedx-esbuild'
import { bundleWorkflowCode } from '@temporalio/worker'
import { build, type Plugin } from 'esbuild'
import { packagesIn, writeLicences } from './licences.ts'

/** Packages whose files an image holds as they are: pages of Bull Board, which it looks for by name. */
const asTheyAre = ['@bull-board/ui']
/** What the image holds, for programs that look for known faults (CycloneDX). */
const sbom = 'sbom.cdx.json'

/** What Temporal makes the file of workflows with: an image brings that file along. */
const withoutBundler: Plugin = {
  name: "without Temporal's bundler",
  setup: (build) => {
    build.onLoad({ filter: /@temporalio\/worker\/lib\/workflow\/bundler\.js$/ }, () => ({
      contents: `
        exports.defaultWorkflowInterceptorModules = []
        exports.bundleWorkflowCode = () => { throw new Error('the image has no file of workflows') }`,
    }))
  },
}

/** Drivers ring no queue of the cloud. */
const withoutQueue: Plugin = {
  name: 'without the queue of functions',
  setup: (build) => {
    build.onLoad({ filter: /shared\/queue\/sqs\.ts$/ }, () => ({ contents: 'export {}' }))
  },
}

/** Native parts that packages try to load, and do without. */
const native = ['pg-native', 'pg-cloudflare', '@swc/core', 'msgpackr-extract']

/**
 * Writes what the container image holds: one folder from which `node main.js <command>` runs the API, workers and migrations.
 * Returns its size in bytes.
 * @param consoleFolder where the console was built
 */
export async function buildImage(folder: string, consoleFolder: string): Promise<number> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { metafile } = await build({
    metafile: true,
    entryPoints: {
      main: 'drivers/main.ts',
      // Temporal starts its threads from a file of this name beside its own code.
      'workflow-worker-thread': 'node_modules/@temporalio/worker/lib/workflow/workflow-worker-thread.js',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    // Packages of the older format call `require` and `__dirname`, which this one does not have.
    banner: {
      js: [
        `import { createRequire as requireOf } from 'node:module'`,
        'const require = requireOf(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename',
      ].join('\n'),
    },
    plugins: [
      withoutBundler,
      withoutQueue,
      cyclonedxEsbuildPlugin({ outputFile: sbom, outputReproducible: true, logLevel: 'silent' }),
    ],
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: native,
    legalComments: 'none',
    logLevel: 'error',
  })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n')
  cpSync('shared/db/migrations', join(folder, 'migrations'), { recursive: true })
  cpSync(consoleFolder, join(folder, 'console'), { recursive: true })
  for (const name of asTheyAre)
    cpSync(`node_modules/${name}`, join(folder, 'node_modules', name), { recursive: true })
  listAsTheyAre(join(folder, sbom))
  copyBridge(folder)
  cpSync('node_modules/source-map/lib/mappings.wasm', join(folder, 'mappings.wasm'))
  writeFileSync(join(folder, 'workflows.cjs'), await workflows())
  const packages = [...packagesIn(metafile.inputs), ...asTheyAre.map((name) => `node_modules/${name}`)]
  writeLicences(packages, join(folder, 'LICENSES.txt'))
  return sizeOf(folder)
}

/** The list of contents is made of what was bundled; these packages were not. */
function listAsTheyAre(file: string): void {
  const listed = JSON.parse(readFileSync(file, 'utf8'))
  const components = asTheyAre.map((path) => {
    const { version, license } = JSON.parse(readFileSync(`node_modules/${path}/package.json`, 'utf8'))
    const [group, name] = path.split('/')
    const purl = `pkg:npm/${encodeURIComponent(group ?? '')}/${name}@${version}`
    return {
      ...{ type: 'library', group, name, version, purl, 'bom-ref': purl },
      licenses: [{ license: { id: license } }],
    }
  })
  listed.components.push(...components)
  writeFileSync(file, `${JSON.stringify(listed, null, 2)}\n`)
}

/** Temporal's native part, for the machine that builds. */
function copyBridge(folder: string): void {
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as 'x64' | 'arm64']
  const system = process.platform === 'darwin' ? 'apple-darwin' : 'unknown-linux-gnu'
  const release = `releases/${cpu}-${system}`
  cpSync(`node_modules/@temporalio/core-bridge/${release}`, join(folder, release), { recursive: true })
}

async function workflows(): Promise<string> {
  const silent = () => undefined
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(process.cwd(), 'drivers/temporal/workflows.ts'),
    workflowInterceptorModules: [join(process.cwd(), 'drivers/temporal/trace-in-workflow.ts')],
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  })
  return code
}

const sizeOf = (folder: string): number =>
  globSync(`${folder}/**/*`).reduce((sum, path) => sum + statSync(path).size, 0)
