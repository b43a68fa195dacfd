import { existsSync, readFileSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { BrandsSaved, BrandView, mostBrands } from '#functions/sync/api/brand.ts'
import { Id, listOf } from '#functions/sync/api/page.ts'
import { BrandInput, normOf } from '#shared/model/brand.ts'
import { UserError } from '../../user-error.ts'
import { columns, number } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'
import { head } from '../views/text.ts'

const help = `
Each line of the file is a brand and its other names, with semicolons or tabs between them:
  Maison Clairet; Clairet; maisonclairet
Names are found as whole words, in any case, with or without accents, and written as one as in tags: in titles and texts of posts,
and in words that were read in their pictures. What is on record is looked through; no ML job is needed.`

export function brandCommands(program: Command, { client, show }: Cli): void {
  program
    .command('brands')
    .description('list the brands that are looked for, and how many posts name each')
    .option('--import <file>', 'add the brands in a file, and change the other names of those there')
    .option('--remove <name>', 'stop looking for a brand')
    .addHelpText('after', help)
    .action(({ import: file, remove }) => {
      if (file !== undefined) return show(importBrands(client, file))
      return show(remove === undefined ? brands(client) : removeBrand(client, remove))
    })
}

type Brand = z.output<typeof BrandView>

async function all(client: Client): Promise<Brand[]> {
  const found: Brand[] = []
  for (let after: string | null = '0'; after !== null; ) {
    const page: z.output<typeof BrandPage> = await client.ask(
      'GET',
      `/v1/brands?limit=200&after=${after}`,
      BrandPage,
    )
    found.push(...page.items)
    after = page.next
  }
  return found
}

const BrandPage = listOf(BrandView)

async function brands(client: Client): Promise<Result> {
  const found = await all(client)
  if (found.length === 0) return result(found, 'none yet: npx social-sync brands --import FILE')
  const rows = found.map((brand) => [
    ...[brand.name, number(brand.captions), number(brand.finds)],
    `${brand.aliases.join('; ')}${brand.is_looked_through ? '' : ' (what is on record is being looked through)'}`,
  ])
  return result(found, columns([head(['brand', 'in texts', 'by ML', 'other names']), ...rows], [1, 2]))
}

function readBrands(file: string): BrandInput[] {
  if (!existsSync(file)) throw new UserError(`there is no file ${file}`)
  const lines = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  return lines.flatMap((line, place) => {
    const names = line.split(/[;\t]/).flatMap((name) => name.trim() || [])
    if (names.length === 0) return []
    const [name = '', ...aliases] = names
    const read = BrandInput.safeParse({ name, aliases })
    if (read.success) return [read.data]
    const faults = read.error.issues.map(({ path, message }) => `${path.join(' ')}: ${message}`)
    throw new UserError(`line ${place + 1} of ${file}: ${faults.join('; ')}; nothing is changed`)
  })
}

async function importBrands(client: Client, file: string): Promise<Result> {
  const given = readBrands(file)
  if (given.length === 0) throw new UserError(`${file} names no brand`)
  const done = { added: 0, changed: 0, is_looked_through: true }
  for (let place = 0; place < given.length; place += mostBrands) {
    const brands = given.slice(place, place + mostBrands)
    const saved = await client.ask('POST', '/v1/brands', BrandsSaved, { brands })
    done.added += saved.added
    done.changed += saved.changed
    done.is_looked_through = saved.is_looked_through
  }
  const next = done.is_looked_through
    ? 'posts on record are looked through: npx social-sync brands'
    : 'posts on record are looked through within hours'
  return result(done, `${number(done.added)} added, ${number(done.changed)} changed; ${next}`)
}

async function removeBrand(client: Client, name: string): Promise<Result> {
  const brand = (await all(client)).find((one) => normOf(one.name) === normOf(name))
  if (!brand) throw new UserError(`${name} is not among the brands: npx social-sync brands lists them`)
  const gone = await client.ask('DELETE', `/v1/brands/${brand.id}`, z.object({ id: Id }))
  return result(gone, `${brand.name} is not looked for any more`)
}
