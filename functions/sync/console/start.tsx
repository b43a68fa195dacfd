import { useState } from 'preact/hooks'
import { ask } from './api.ts'
import { Card, count, Failure, Heading, lengthOf, PlatformOptions, Time } from './parts.tsx'
import { platforms } from './platforms.ts'
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
      <Heading text="Follow or sync" />
      <Card title="The account">
        <form onSubmit={submitted} onInput={() => setPlan(undefined)}>
          <fieldset disabled={isBusy}>
            <Fields />
            <div class="actions">
              <button type="submit" name="what" value="sync" class="main" disabled={isBusy}>
                Sync now
              </button>
              <button type="submit" name="what" value="plan" disabled={isBusy}>
                Plan only
              </button>
              <button type="submit" name="what" value="follow" disabled={isBusy}>
                Follow
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
    location.hash = `#/accounts/${(await follow()).id}`
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
      Handle, or the address of its page
      <input
        name="handle"
        required
        maxLength={300}
        autocomplete="off"
        spellcheck={false}
        placeholder="@handle, youtube:@handle or https://…"
      />
    </label>
    <label>
      Platform
      <select name="platform">
        <option value="">as the address says</option>
        <PlatformOptions />
      </select>
    </label>
    <label>
      From then on, every
      <select name="every">
        <option value="">day, or as it is</option>
        <RhythmOptions />
      </select>
    </label>
    <label>
      How much
      <select name="mode">
        <option value="incremental">what is new or recent</option>
        <option value="full">every post</option>
      </select>
    </label>
    <label>
      How urgent
      <select name="lane">
        <option value="ad-hoc">now</option>
        <option value="backfill">when quota is left over</option>
      </select>
    </label>
  </>
)

const usd = (value: number) => (value > 0 && value < 0.01 ? 'under 0.01 USD' : `${value.toFixed(2)} USD`)

function PlanCard({ plan }: { readonly plan: Plan }) {
  const took = lengthOf(Date.parse(plan.rows_at) - Date.parse(plan.starts_at))
  return (
    <Card title="What it would take">
      {plan.never_read > 0 && (
        <p class="warning">The number of its posts is not known yet: one page is planned.</p>
      )}
      <dl>
        <dt>Posts listed</dt>
        <dd>{count(plan.posts)}</dd>
        <dt>Calls</dt>
        <dd>{plan.calls.map(({ endpoint, calls }) => `${count(calls)} ${endpoint}`).join(', ')}</dd>
        <dt>Begins</dt>
        <dd>
          <Time at={plan.starts_at} />
        </dd>
        <dt>Posts on record</dt>
        <dd>
          <Time at={plan.rows_at} />, after {took}
        </dd>
        <dt>ML jobs</dt>
        <dd>
          {plan.ml_jobs === null ? 'not known yet' : count(plan.ml_jobs)}
          {plan.ready_at && (
            <>
              , ready <Time at={plan.ready_at} />
            </>
          )}
        </dd>
        <dt>Money</dt>
        <dd>
          functions {usd(plan.usd.functions)}
          {plan.usd.ml_jobs !== null && `, ML jobs ${usd(plan.usd.ml_jobs)}`}
        </dd>
      </dl>
      <table>
        <thead>
          <tr>
            <th scope="col">Quota</th>
            <th scope="col" class="number">
              Takes
            </th>
            <th scope="col" class="number">
              Left now
            </th>
            <th scope="col">Given by</th>
          </tr>
        </thead>
        <tbody>
          {plan.pools.map(({ pool, units, left, ends_at }) => (
            <tr key={pool}>
              <td data-label="Quota">{pool}</td>
              <td data-label="Takes" class="number">
                {count(units)}
              </td>
              <td data-label="Left now" class="number">
                {count(left)}
              </td>
              <td data-label="Given by">{ends_at > plan.now ? <Time at={ends_at} /> : 'now'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
