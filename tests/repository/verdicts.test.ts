import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as instagram from '#shared/platforms/instagram/errors.ts'
import * as tiktok from '#shared/platforms/tiktok/errors.ts'
import { kinds, type Refusal, type Row } from '#shared/platforms/verdicts.ts'
import * as youtube from '#shared/platforms/youtube/errors.ts'
import * as ofInstagram from '../instagram/error-table.ts'
import * as ofTiktok from '../tiktok/error-table.ts'
import * as ofYoutube from '../youtube/error-table.ts'

// `npm run docs` writes this file; here it is only compared.
const file = join(import.meta.dirname, '../../docs/verdicts.md')

const none = new Headers()

/** Refusals read as the platform sends them. */
const refusals = {
  youtube: [
    ...ofYoutube.errorTable.map((row) =>
      youtube.readFault(row.status, none, JSON.stringify(ofYoutube.refusalOf(row))),
    ),
    youtube.readFault(429, none, ''),
  ],
  instagram: [
    ...(['own', 'shared'] as const).flatMap((tokenOf) =>
      ofInstagram.errorTable.map(({ code, more }) =>
        instagram.readFault(400, none, JSON.stringify(ofInstagram.refusalOf(code, more)), tokenOf),
      ),
    ),
    ...[401, 429, 502].map((status) => instagram.readFault(status, none, '', 'own')),
  ],
  tiktok: [
    ...ofTiktok.errorTable.map(({ status, code }) =>
      tiktok.readFault({ status, headers: none, text: JSON.stringify(ofTiktok.refusalOf(code)) }),
    ),
    ...[401, 429].map((status) => tiktok.readFault({ status, headers: none, text: '' })),
  ],
}

interface Chapter<Fault extends Refusal> {
  readonly title: string
  readonly table: readonly Row<Fault>[]
  readonly refusals: readonly Fault[]
}

/** Checks each row against the refusals that it decides, and describes it. */
function describeTable<Fault extends Refusal>({ title, table, refusals: faults }: Chapter<Fault>): string[] {
  const decided = Map.groupBy(faults, (fault) => table.find(({ is }) => is(fault)))
  const lines = table.map((row) => {
    const cases = decided.get(row) ?? []
    expect(cases, `${title}: no refusal is decided by the row "${row.when}"`).not.toEqual([])
    for (const fault of cases) expect((row.make ?? kinds[row.kind].make)(fault).message).toContain(fault.text)
    expect(row.source).toMatch(/^(ours$|https:\/\/)/)
    const source = row.source === 'ours' ? 'ours' : `[documented](${row.source})`
    const { fault, follows } = kinds[row.kind]
    return `| ${row.when} | ${fault} | ${follows} | ${source} |`
  })
  return [
    `## ${title}`,
    '',
    '| refusal | whose fault | what follows | source |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ]
}

test('docs/verdicts.md is what the error tables say, and each row decides a refusal', async () => {
  const text = [
    '# Verdicts',
    '',
    'What the product makes of each refusal of a platform; written by `npm run docs` from the error tables in `shared/platforms`.',
    'The first row that fits decides. A refusal that is about an account is weighed before it counts: when most accounts of a call,',
    "or three one after another, are refused alike, the fault is the app's, whatever the words, and no account changes its state.",
    '',
    ...describeTable({ title: 'YouTube', table: youtube.errorTable, refusals: refusals.youtube }),
    ...describeTable({ title: 'Instagram', table: instagram.errorTable, refusals: refusals.instagram }),
    ...describeTable({ title: 'TikTok, Display API', table: tiktok.errorTable, refusals: refusals.tiktok }),
    ...describeTable({
      title: 'TikTok, Research API',
      table: tiktok.researchErrorTable,
      refusals: refusals.tiktok,
    }),
    ...describeTable({
      title: 'TikTok, Research API, a username looked up',
      table: tiktok.researchUserTable,
      refusals: refusals.tiktok,
    }),
  ].join('\n')
  await expect(`${text.trimEnd()}\n`).toMatchFileSnapshot(file)
})
