// One minified CommonJS bundle per function at dist/<function>/index.js; the cloud's loader takes no other format.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'yaml'
import { buildConsole } from './functions/sync/console/build.ts'
import { mostBytes, writeArchive } from './local/build/archives.ts'
import { writeDocuments } from './local/build/documents.ts'
import { buildImage } from './local/build/image.ts'
import { packagesIn, writeLicences } from './local/build/licences.ts'
import { platforms } from './shared/platforms/registry.ts'

/** Kilobytes that the start file of a function may have; maintain is called rarely. */
const budgetKb = 650
/** Kilobytes that a browser may have to fetch, compressed. */
const consoleBudgetKb = 120
const cold = new Set(['maintain'])

const { functions, custom } = parse(readFileSync('serverless.yml', 'utf8'))
const names = Object.keys(functions)

/** `extract-youtube` is functions/extract/youtube/handler.ts; `poll` is functions/poll/handler.ts. */
const entryOf = (name) => `functions/${name.replace('-', '/')}/handler.ts`

/** Queue keys are settings; the SDK's own search for credentials stays out. */
const withoutCredentialSearch = {
  name: 'without credential search',
  setup: (build) => {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: resolve('shared/queue/no-default-credentials.ts'),
    }))
  },
}

/**
 * Parts of packages that no function uses, and what stands in their place: worker threads of the log, event streams, which no queue
 * call has, files of passwords in a home folder, and what another cloud's runtime keeps of a call.
 */
const unused = {
  'thread-stream': 'module.exports = {}',
  '@smithy/core/event-streams': 'module.exports = {}',
  pgpass: 'module.exports = (_connection, done) => done()',
  '@aws/lambda-invoke-store': 'exports.InvokeStore = { getInstanceAsync: async () => undefined }',
}
const withoutUnused = {
  name: 'without what is unused',
  setup: (build) => {
    build.onResolve({ filter: /./ }, ({ path }) =>
      Object.hasOwn(unused, path) ? { path, namespace: 'unused' } : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({ contents: unused[path] }))
  },
}

/** Large packages are loaded only where they are used: each is a file of its own beside the functions that may need it. */
const apart = {
  'otlp.ts': { file: 'telemetry', entry: 'shared/telemetry/otlp.ts', isFor: () => true },
  'sqs.ts': {
    file: 'queue',
    entry: 'shared/queue/sqs.ts',
    isFor: (name) => custom.functions[name].secrets.includes('QUEUE_ACCESS_KEY_ID'),
  },
  'batch-inference.ts': {
    file: 'batch-inference',
    entry: 'shared/cloud/batch-inference.ts',
    isFor: (name) => custom.functions[name].secrets.includes('ML_KEYS'),
  },
  'ydb.ts': {
    file: 'ydb',
    entry: 'shared/cloud/ydb.ts',
    isFor: (name) => custom.functions[name].environment.includes('YDB_URL'),
  },
  'redis-state.ts': {
    file: 'redis',
    entry: 'shared/cloud/redis-state.ts',
    isFor: (name) => custom.functions[name].secrets.includes('STATE_REDIS_URL'),
  },
  'mail.ts': {
    file: 'mail',
    entry: 'shared/cloud/mail.ts',
    isFor: (name) => custom.functions[name].secrets.includes('SMTP_URL'),
  },
  'tell.ts': {
    file: 'tell',
    entry: 'shared/alerts/tell.ts',
    isFor: (name) => custom.functions[name].secrets.includes('TELEGRAM_BOT_TOKEN'),
  },
  'language.ts': {
    file: 'language',
    entry: 'functions/sync/language.ts',
    isFor: (name) => name === 'sync',
  },
  'kms.ts': {
    file: 'kms',
    entry: 'shared/cloud/kms.ts',
    isFor: (name) => custom.functions[name].environment.includes('KMS_KEY_ID'),
  },
}
const lazily = {
  name: 'large packages apart',
  setup: (build) => {
    build.onResolve(
      { filter: /\/(otlp|sqs|batch-inference|ydb|redis-state|mail|tell|language|kms)\.ts$/ },
      ({ kind, path }) =>
        kind === 'dynamic-import'
          ? { path: `./${apart[basename(path)].file}.js`, external: true }
          : undefined,
    )
  },
}

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')

const { metafile } = await build({
  metafile: true,
  entryPoints: Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/index`, entryOf(name)],
      ...Object.values(apart).flatMap(({ file, entry, isFor }) =>
        isFor(name) ? [[`${name}/${file}`, entry]] : [],
      ),
    ]),
  ),
  outdir: 'dist',
  bundle: true,
  plugins: [lazily, withoutCredentialSearch, withoutUnused],
  // A dynamic import of ours becomes a lazy require.
  supported: { 'dynamic-import': false },
  minify: true,
  // Texts in Russian are three times as long escaped.
  charset: 'utf8',
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'],
  external: ['pg-native', 'pg-cloudflare'],
  define: { 'import.meta.dirname': '__dirname' },
  sourcemap: 'external',
  legalComments: 'linked',
  logLevel: 'warning',
})
cpSync('shared/db/migrations', 'dist/maintain/migrations', { recursive: true })
const { bytes: consoleBytes, inputs: consoleInputs } = await buildConsole('dist/sync/console', platforms)
for (const name of names) {
  const files = Object.entries(metafile.outputs).filter(([path]) => path.startsWith(`dist/${name}/`))
  const inputs = Object.assign(
    {},
    ...files.map(([, output]) => output.inputs),
    name === 'sync' ? consoleInputs : {},
  )
  writeLicences(packagesIn(inputs), `dist/${name}/LICENSES.txt`)
}

writeDocuments('dist', names)
const imageBytes = await buildImage('dist/image', 'dist/sync/console')

const kbOf = (path) => statSync(path).size / 1000
const faults = []
const kb = (value) => `${value.toFixed(0).padStart(6)} kB`
console.log(`${'function'.padEnd(20)}${'start file'.padStart(9)}${'archive'.padStart(12)}`)
for (const name of names) {
  const start = kbOf(`dist/${name}/index.js`)
  const archive = writeArchive(`dist/${name}`, `dist/${name}.zip`)
  console.log(`${name.padEnd(20)}${kb(start)}${kb(archive / 1000).padStart(12)}`)
  if (start > budgetKb && !cold.has(name)) faults.push(`${name} starts from more than ${budgetKb} kB`)
  if (archive > mostBytes)
    faults.push(`the archive of ${name} is more than the ${mostBytes} bytes that may be sent`)
}
for (const { file, isFor } of Object.values(apart))
  console.log(
    `${`${file}.js`.padEnd(20)}${kb(kbOf(`dist/${names.find(isFor)}/${file}.js`))} beside, loaded where used`,
  )
console.log(`${'console'.padEnd(20)}${kb(consoleBytes / 1000)} compressed`)
console.log(`${'image'.padEnd(20)}${kb(imageBytes / 1000)} without Node (dist/image)`)
if (consoleBytes > consoleBudgetKb * 1000) faults.push(`the console is over ${consoleBudgetKb} kB`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
