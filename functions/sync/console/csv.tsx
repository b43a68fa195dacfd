import { askText, Refusal } from './api.ts'
import { t } from './language.ts'
import { Failure } from './parts.tsx'
import { useAct } from './use-act.ts'

/** Rows of a file, many times what a page of the console shows. */
const rowsACall = '1000'

/** All of a list as CSV, page after page. */
async function wholeList(path: string, query: Readonly<Record<string, string>>): Promise<string[]> {
  const parts: string[] = []
  const asked = new URLSearchParams({ ...query, limit: rowsACall, format: 'csv' })
  for (let next: string | null = `${path}?${asked}`; next !== null; ) {
    const { text, link }: Awaited<ReturnType<typeof askText>> = await askText(next)
    // The names of the columns stand in each part.
    parts.push(parts.length === 0 ? text : text.slice(text.indexOf('\n') + 1))
    next = link
  }
  return parts
}

/** Hands a text over as a file. */
export function save(parts: readonly string[], name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(['\uFEFF', ...parts], { type: 'text/csv' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

/** Saves a list with what it is filtered by. */
export function CsvButton(props: {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}) {
  const { path, query } = props
  const { isBusy, error, act } = useAct()
  const name = `${path.split('/').at(-1) ?? 'list'}.csv`
  return (
    <>
      <button
        type="button"
        disabled={isBusy}
        aria-busy={isBusy}
        onClick={() => void act(async () => save(await wholeList(path, query), name))}
      >
        {t('numbers.csv')}
      </button>
      {error instanceof Refusal && <Failure error={error} />}
    </>
  )
}
