import { useState } from 'preact/hooks'
import { ask } from './api.ts'
import { named, number, t } from './language.ts'
import { count, lengthOf } from './measures.tsx'
import { Card, Failure, Heading, PlatformOptions, Time } from './parts.tsx'
import { platforms } from './platforms.ts'
import { poolName } from './pools.ts'
import { RhythmOptions } from './rhythms.tsx'
import type { Account, Plan } from './types.ts'
import { useAct } from './use-act.ts'

interface Wanted {
  readonly named: { readonly platform?: string; readonly handle: string }
  readonly how: { readonly mode: string; readonly lane: string }
  /** null: as it is. */
  readonly everyMinutes: number | null
}

const prefixed = new RegExp(`^(${platforms.map(({ name }) => name).join('|')}):(?!//)(.+)$`)

const read = (form: HTMLFormElement): Wanted => {
  const data = new FormData(form)
  const text = (name: string) => String(data.get(name) ?? '').trim()
  // As the command line has it: youtube:@handle.
  const [, before, after] = prefixed.exec(text('handle')) ?? []
  const platform = before ?? text('platform')
  return {
    named: { ...(platform ? { platform } : {}), handle: after ?? text('handle') },
    how: { mode: text('mode'), lane: text('lane') },
    everyMinutes: Number(text('every')) || null,
  }
}

/** Follow an account, see what a sync of it would take, or sync it now. */
export function StartPage() {
  const [plan, setPlan] = useState<Plan>()
  const { isBusy, error, act } = useAct()
  const submitted = (event: SubmitEvent) => {
    event.preventDefault()
    const what = (event.submitter as HTMLButtonElement | null)?.value ?? 'sync'
    const wanted = read(event.currentTarget as HTMLFormElement)
    setPlan(undefined)
    void act(async () => setPlan(await carryOut(what, wanted)))
  }
  return (
    <>
      <Heading text={t('follow.title')} />
      <Card title={t('follow.theAccount')}>
        <form onSubmit={submitted} onInput={() => setPlan(undefined)}>
          <fieldset disabled={isBusy}>
            <Fields />
            <div class="actions">
              <button type="submit" name="what" value="sync" class="main" disabled={isBusy}>
                {t('follow.syncNow')}
              </button>
              <button type="submit" name="what" value="plan" disabled={isBusy}>
                {t('follow.planOnly')}
              </button>
              <button type="submit" name="what" value="follow" disabled={isBusy}>
                {t('follow.follow')}
              </button>
            </div>
          </fieldset>
        </form>
        {error && <Failure error={error} />}
      </Card>
      {plan && <PlanCard plan={plan} />}
    </>
  )
}

/** Goes to what was started; a plan is given back. */
async function carryOut(what: string, { named, how, everyMinutes }: Wanted): Promise<Plan | undefined> {
  if (what === 'plan') return ask<Plan>('POST', '/v1/plan', { ...named, ...how })
  const rhythm = everyMinutes === null ? {} : { sync_every_minutes: everyMinutes }
  const follow = () => ask<Account>('POST', '/v1/accounts', { ...named, ...rhythm })
  if (what === 'follow') {
    location.hash = `#/followed/${(await follow()).id}`
    return undefined
  }
  if (everyMinutes !== null) await follow()
  const { id } = await ask<{ id: string }>('POST', '/v1/syncs', { ...named, ...how })
  location.hash = `#/syncs/${id}`
  return undefined
}

const Fields = () => (
  <>
    <label>
      {t('follow.handle')}
      <input
        name="handle"
        required
        maxLength={300}
        autocomplete="off"
        spellcheck={false}
        placeholder={t('follow.handleHint')}
      />
    </label>
    <label>
      {t('numbers.platform')}
      <select name="platform">
        <option value="">{t('follow.asAddress')}</option>
        <PlatformOptions />
      </select>
    </label>
    <label>
      {t('follow.every')}
      <select name="every">
        <option value="">{t('follow.dayOrAsIs')}</option>
        <RhythmOptions />
      </select>
    </label>
    <label>
      {t('follow.howMuch')}
      <select name="mode">
        <option value="incremental">{t('follow.newOrRecent')}</option>
        <option value="full">{t('follow.everyPost')}</option>
      </select>
    </label>
    <label>
      {t('follow.howUrgent')}
      <select name="lane">
        <option value="ad-hoc">{t('follow.nowish')}</option>
        <option value="backfill">{t('follow.leftOver')}</option>
      </select>
    </label>
  </>
)

const dollars = (value: number) => number(value, { style: 'currency', currency: 'USD' })
const usd = (value: number) =>
  value > 0 && value < 0.01 ? t('follow.underCent', { cent: dollars(0.01) }) : dollars(value)

function PlanCard({ plan }: { readonly plan: Plan }) {
  const took = lengthOf(Date.parse(plan.rows_at) - Date.parse(plan.starts_at))
  return (
    <Card title={t('follow.wouldTake')}>
      {plan.never_read > 0 && <p class="warning">{t('follow.onePage')}</p>}
      <dl>
        <dt>{t('follow.postsListed')}</dt>
        <dd>{count(plan.posts)}</dd>
        <dt>{t('follow.calls')}</dt>
        <dd>
          {plan.calls
            .map(({ endpoint, calls }) =>
              t('follow.callsOf', {
                number: count(calls),
                what: named('endpoints', endpoint.replaceAll('.', '_')),
              }),
            )
            .join(', ')}
        </dd>
        <dt>{t('follow.begins')}</dt>
        <dd>
          <Time at={plan.starts_at} />
        </dd>
        <dt>{t('follow.onRecord')}</dt>
        <dd>
          <Time at={plan.rows_at} />, {t('follow.after', { time: took })}
        </dd>
        <dt>{t('follow.mlJobs')}</dt>
        <dd>
          {plan.ml_jobs === null ? t('follow.notYet') : count(plan.ml_jobs)}
          {plan.ready_at && (
            <>
              , {t('follow.ready')} <Time at={plan.ready_at} />
            </>
          )}
        </dd>
        <dt>{t('follow.money')}</dt>
        <dd>
          {t('follow.functions', { usd: usd(plan.usd.functions) })}
          {plan.usd.ml_jobs !== null && `, ${t('follow.mlCost', { usd: usd(plan.usd.ml_jobs) })}`}
        </dd>
      </dl>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('follow.quota')}</th>
            <th scope="col" class="number">
              {t('follow.takes')}
            </th>
            <th scope="col" class="number">
              {t('follow.leftNow')}
            </th>
            <th scope="col">{t('follow.givenBy')}</th>
          </tr>
        </thead>
        <tbody>
          {plan.pools.map(({ pool, units, left, ends_at }) => (
            <tr key={pool}>
              <td data-label={t('follow.quota')}>{poolName(pool)}</td>
              <td data-label={t('follow.takes')} class="number">
                {count(units)}
              </td>
              <td data-label={t('follow.leftNow')} class="number">
                {count(left)}
              </td>
              <td data-label={t('follow.givenBy')}>
                {ends_at > plan.now ? <Time at={ends_at} /> : t('follow.rightNow')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
