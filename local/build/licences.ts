import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

/** Folders of the packages that went into these files, innermost ones included. */
export function packagesIn(inputs: Readonly<Record<string, unknown>>): string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  )
  return [...new Set(folders)].sort()
}

const Author = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
const Package = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: Author.optional(),
})

/**
 * Writes the licences and notices of packages whose code is in a function's archive. Throws where a package brings none
 * along that could be written for it.
 */
export function writeLicences(packages: readonly string[], file: string): void {
  const texts = packages.map((folder) => {
    const found = Package.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    const own = readdirSync(folder)
      .filter((one) => /^(licen[cs]e|notice|copying)/i.test(one))
      .sort()
      .map((one) => readFileSync(join(folder, one), 'utf8').trim())
    const { name, version, license } = found
    return [`${name} ${version} (${license})`, ...(own.length > 0 ? own : [usual(found)])].join('\n\n')
  })
  writeFileSync(file, `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`)
}

/** The text of a licence that a package only names. */
function usual({ name, license, author }: z.infer<typeof Package>): string {
  if (license !== 'MIT') throw new Error(`${name} contains no text of its licence (${license})`)
  return `Copyright (c) ${author ?? `the authors of ${name}`}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}
