import papa from 'papaparse'
import { useState } from 'preact/hooks'
import { readLines, type TextLine } from '../follow-text.ts'
import { ask } from './api.ts'
import { save } from './csv.tsx'
import { t } from './language.ts'
import { Card, Failure, Heading, PlatformOptions, State } from './parts.tsx'
import type { Line } from './types.ts'
import { useAct } from './use-act.ts'

/** As many as one call takes. */
const mostLines = 1_000

interface Followed {
  readonly lines: readonly TextLine[]
  readonly results: readonly Line[]
}

/** Follows a list that is pasted or a CSV file, and shows what became of each line. */
export function ListPage() {
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string>()
  const [followed, setFollowed] = useState<Followed>()
  const { isBusy, error, act } = useAct()
  const submitted = (event: SubmitEvent) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget as HTMLFormElement)
    const read = readLines(text)
    setFault(read.fault ?? (read.accounts.length === 0 ? t('follow.emptyList') : undefined))
    setFollowed(undefined)
    if (read.fault !== null || read.accounts.length === 0) return
    const given = Object.fromEntries(
      ['platform', 'client', 'brand'].flatMap((name) => {
        const value = String(data.get(name) ?? '').trim()
        return value ? [[name, value]] : []
      }),
    )
    const lines = read.accounts.map((line) => ({ ...withPlatform(given, line), ...line }))
    void act(async () => setFollowed({ lines, results: await followAll(lines) }))
  }
  return (
    <>
      <Heading text={t('follow.list')} />
      <Card title={t('follow.theList')}>
        <p class="quiet">{t('follow.listIs')}</p>
        <form onSubmit={submitted}>
          <fieldset disabled={isBusy}>
            <label class="wide">
              {t('shell.accounts')}
              <textarea
                rows={10}
                value={text}
                spellcheck={false}
                placeholder={'https://www.instagram.com/a.brand/\nyoutube:@handle'}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </label>
            <label>
              {t('follow.orFile')}
              <input
                type="file"
                accept=".csv,.txt,text/csv,text/plain"
                onChange={(event) => void event.currentTarget.files?.[0]?.text().then(setText)}
              />
            </label>
            <label>
              {t('follow.platformOfNone')}
              <select name="platform">
                <option value="">{t('follow.noneAddresses')}</option>
                <PlatformOptions />
              </select>
            </label>
            <label>
              {t('follow.clientOfNone')}
              <input name="client" maxLength={200} autocomplete="off" />
            </label>
            <label>
              {t('follow.brandOfNone')}
              <input name="brand" maxLength={200} autocomplete="off" />
            </label>
            <div class="actions">
              <button type="submit" class="main" disabled={isBusy} aria-busy={isBusy}>
                {t('follow.follow')}
              </button>
            </div>
          </fieldset>
        </form>
        {fault && (
          <div class="failure" role="alert">
            {fault}
          </div>
        )}
        {error && <Failure error={error} />}
      </Card>
      {followed && <Results {...followed} />}
    </>
  )
}

/** A platform that the address names already is not named again. */
const withPlatform = ({ platform, ...given }: Readonly<Record<string, string>>, { handle }: TextLine) =>
  platform && !/[:/]/.test(handle) ? { platform, ...given } : given

async function followAll(lines: readonly TextLine[]): Promise<Line[]> {
  const results: Line[] = []
  for (let from = 0; from < lines.length; from += mostLines) {
    const accounts = lines.slice(from, from + mostLines)
    const done = await ask<{ results: Line[] }>('POST', '/v1/accounts/batch', { accounts })
    results.push(...done.results.map((one) => ({ ...one, index: one.index + from })))
  }
  return results
}

const whyOf = ({ problem }: Line) =>
  problem ? (problem.errors?.map(({ message }) => message).join('; ') ?? problem.detail) : ''

/** Refused lines first: they are what a person has to look at. */
function Results({ lines, results }: Followed) {
  const of = (status: Line['status']) => results.filter((one) => one.status === status)
  const sorted = [...of('refused'), ...of('followed'), ...of('known')]
  const saveAll = () => {
    const rows = results.map((one) => [one.index + 1, lines[one.index]?.handle ?? '', one.status, whyOf(one)])
    const table = [['number', 'account', 'status', 'why'], ...rows]
    save([papa.unparse(table, { escapeFormulae: true })], 'followed.csv')
  }
  return (
    <Card
      title={t('follow.became')}
      aside={
        <span role="status">
          {t('follow.counts', {
            followed: of('followed').length,
            known: of('known').length,
            refused: of('refused').length,
          })}
        </span>
      }
    >
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            <th scope="col">{t('people.account')}</th>
            <th scope="col">{t('follow.answer')}</th>
            <th scope="col">{t('follow.why')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((one) => (
            <tr key={one.index}>
              <td data-label="#" class="number">
                {one.index + 1}
              </td>
              <td data-label={t('people.account')}>
                {one.account ? (
                  <a href={`#/followed/${one.account.id}`}>{lines[one.index]?.handle}</a>
                ) : (
                  lines[one.index]?.handle
                )}
              </td>
              <td data-label={t('follow.answer')}>
                <State of={one.status} />
              </td>
              <td data-label={t('follow.why')}>{whyOf(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        <button type="button" onClick={saveAll}>
          {t('numbers.csv')}
        </button>
        <a class="button" href="#/followed">
          {t('follow.toAccounts')}
        </a>
      </div>
    </Card>
  )
}
