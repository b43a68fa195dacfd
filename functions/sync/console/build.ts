import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'esbuild'

const here = import.meta.dirname
const fingerprint = 8

/**
 * Builds the console into a folder: index.html and assets whose names change with their content. Returns the bytes that a
 * browser fetches, compressed, and the files it was made of.
 */
export async function buildConsole(
  folder: string,
  platforms: readonly { readonly name: string; readonly title: string }[],
): Promise<{ readonly bytes: number; readonly inputs: Readonly<Record<string, unknown>> }> {
  mkdirSync(join(folder, 'assets'), { recursive: true })
  const { metafile } = await build({
    entryPoints: [join(here, 'main.tsx')],
    outdir: join(folder, 'assets'),
    entryNames: `[name]-[hash]`,
    bundle: true,
    minify: true,
    charset: 'utf8',
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { PLATFORMS: JSON.stringify(platforms.map(({ name, title }) => ({ name, title }))) },
    legalComments: 'linked',
    logLevel: 'warning',
    metafile: true,
  })
  cpSync(join(here, 'icon.svg'), join(folder, 'assets/icon.svg'))
  const built = Object.keys(metafile.outputs).map((path) => path.split('/').at(-1) ?? '')
  const nameOf = (kind: string) =>
    built.find((name) => new RegExp(`^main-\\w{${fingerprint}}\\.${kind}$`).test(name)) ?? `main.${kind}`
  const html = readFileSync(join(here, 'index.html'), 'utf8')
    .replace('assets/main.css', `assets/${nameOf('css')}`)
    .replace('assets/main.js', `assets/${nameOf('js')}`)
  writeFileSync(join(folder, 'index.html'), html)
  const paths = ['index.html', 'assets/icon.svg', `assets/${nameOf('js')}`, `assets/${nameOf('css')}`]
  return {
    bytes: paths.reduce((sum, path) => sum + compress(join(folder, path)), 0),
    inputs: metafile.inputs,
  }
}

/** Beside each file what it is sent as; returns its size. */
function compress(path: string): number {
  const packed = brotliCompressSync(readFileSync(path), {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  })
  writeFileSync(`${path}.br`, packed)
  return packed.length
}
