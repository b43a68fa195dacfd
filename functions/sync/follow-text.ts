import papa from 'papaparse'

/** A line as the API takes it; whether it can be followed, the API says. */
export interface TextLine {
  readonly handle: string
  readonly platform?: string
  readonly client?: string
  readonly brand?: string
  readonly tags?: string[]
}

export interface ReadLines {
  readonly accounts: readonly TextLine[]
  /** Why the text cannot be read; null: it can. */
  readonly fault: string | null
}

const names = ['handle', 'platform', 'client', 'brand', 'tags'] as const
type Name = (typeof names)[number]

/**
 * Accounts in a text as people have it: one to a line, or apart by spaces and commas; or CSV, whose first line names its columns, of
 * which `handle` must be one. Tags of a cell are apart by `;`, `|` or commas.
 */
export function readLines(text: string): ReadLines {
  const bare = text.replace(/^\uFEFF/, '')
  const [first = ''] = bare.trimStart().split(/\r?\n/, 1)
  if (!first.split(/[,;\t]/).some((cell) => nameOf(cell) === 'handle')) return plain(bare)
  const { data, errors, meta } = papa.parse<Record<string, string>>(bare.trim(), {
    header: true,
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', ';', '\t'],
    transformHeader: nameOf,
  })
  const strange = (meta.fields ?? []).filter((field) => !names.some((name) => name === field))
  if (strange.length > 0)
    return unread(`there is no column ${strange.join(', ')}: they are ${names.join(', ')}`)
  const broken = errors.find(({ type }) => type === 'Quotes')
  const tooMany = errors.find(({ code }) => code === 'TooManyFields')
  if (tooMany)
    return unread(
      `line ${(tooMany.row ?? 0) + 2}: more cells than columns; put a cell with a ${meta.delimiter} in quotes`,
    )
  if (broken) return unread(`line ${(broken.row ?? 0) + 1}: a quote is not closed, or stands within a cell`)
  return { accounts: data.map(lineOf), fault: null }
}

const nameOf = (cell: string) => cell.trim().replaceAll(/^"|"$/g, '').toLowerCase()
const unread = (fault: string): ReadLines => ({ accounts: [], fault })

function plain(text: string): ReadLines {
  const handles = text.split(/[\s,;]+/).filter((part) => part !== '')
  return { accounts: handles.map((handle) => ({ handle })), fault: null }
}

function lineOf(row: Readonly<Partial<Record<Name, string>>>): TextLine {
  const cell = (name: Name) => row[name]?.trim() || undefined
  const [platform, client, brand] = [cell('platform')?.toLowerCase(), cell('client'), cell('brand')]
  const tags = (cell('tags') ?? '').split(/[;|,]/).flatMap((tag) => tag.trim() || [])
  return {
    handle: cell('handle') ?? '',
    ...(platform ? { platform } : {}),
    ...(client ? { client } : {}),
    ...(brand ? { brand } : {}),
    ...(tags.length > 0 ? { tags } : {}),
  }
}
