// One minified CommonJS bundle per function at dist/<function>/index.js; the cloud's loader takes no other format.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
writeFileSync('dist/package.json', '{"type":"commonjs"}\n')

await build({
  entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, entryOf(name)])),
  outdir: 'dist',
  bundle: true,
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

const rows = names.map((name) => ({ name, kb: statSync(`dist/${name}/index.js`).size / 1000 }))
for (const { name, kb } of rows) console.log(`${name.padEnd(18)}${kb.toFixed(0).padStart(5)} kB`)
const over = rows.filter(({ name, kb }) => kb > budgetKb && !cold.has(name))
if (over.length > 0) {
  console.error(`over ${budgetKb} kB: ${over.map(({ name }) => name).join(', ')}`)
  process.exitCode = 1
}
