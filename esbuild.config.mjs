// One minified CommonJS bundle per function at dist/<function>/index.js; the cloud's loader takes no other format.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'yaml'

/** Kilobytes that the start file of a function may have; maintain is called rarely. */
const budgetKb = 650
const cold = new Set(['maintain'])

const { functions } = parse(readFileSync('serverless.yml', 'utf8'))
const names = Object.keys(functions)

/** `extract-youtube` is functions/extract/youtube.ts; `poll` is functions/poll/handler.ts. */
const entryOf = (name) => {
  const [stage, platform = 'handler'] = name.split('-')
  return `functions/${stage}/${platform}.ts`
}

/** Queue keys are settings; the SDK's own search for credentials stays out. */
const withoutCredentialSearch = {
  name: 'without credential search',
  setup: (build) => {
    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: resolve('shared/queue/no-default-credentials.ts'),
    }))
  },
}

/** The exporter is loaded only where a collector is named: it is a file of its own beside each function. */
const exporter = {
  name: 'exporter',
  setup: (build) => {
    build.onResolve({ filter: /\/otlp\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './telemetry.js', external: true } : undefined,
    )
  },
}

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')

await build({
  entryPoints: Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/index`, entryOf(name)],
      [`${name}/telemetry`, 'shared/telemetry/otlp.ts'],
    ]),
  ),
  outdir: 'dist',
  bundle: true,
  plugins: [exporter, withoutCredentialSearch],
  // A dynamic import of ours becomes a lazy require.
  supported: { 'dynamic-import': false },
  minify: true,
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

const kbOf = (path) => statSync(path).size / 1000
const rows = names.map((name) => ({ name, kb: kbOf(`dist/${name}/index.js`) }))
for (const { name, kb } of rows) console.log(`${name.padEnd(18)}${kb.toFixed(0).padStart(5)} kB`)
console.log(
  `${'telemetry.js'.padEnd(18)}${kbOf(`dist/${names[0]}/telemetry.js`).toFixed(0).padStart(5)} kB beside each`,
)
const over = rows.filter(({ name, kb }) => kb > budgetKb && !cold.has(name))
if (over.length > 0) {
  console.error(`over ${budgetKb} kB: ${over.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}
