import { useState } from 'preact/hooks'
import { counted } from '../words.ts'
import { Act, Card, count, Empty, Heading, Meter, Shown, State, Time } from './parts.tsx'
import type { Brand, List, MlSummary } from './types.ts'
import { useApi } from './use-api.ts'

/** What models are asked, what waits for them, what that costs, and which brands were found. */
export function MlPage() {
  const summary = useApi<MlSummary>('/v1/ml-jobs/summary', 5_000)
  const brands = useApi<List<Brand>>('/v1/brands?limit=200')
  return (
    <>
      <Heading text="ML" />
      <Shown of={summary}>
        {(data) => (
          <>
            <Held of={data} />
            <Card title="Jobs without a result">
              <Jobs of={data} again={summary.again} />
            </Card>
            <Card title="The last days">
              <Days of={data} />
            </Card>
          </>
        )}
      </Shown>
      <Card title="Brands">
        <Shown of={brands}>{({ items }) => <Brands items={items} />}</Shown>
      </Card>
    </>
  )
}

/** What rests at this moment, and what nothing does. */
const Held = ({ of: { held, unserved } }: { readonly of: MlSummary }) => (
  <>
    {held.map(({ provider, what, until }) => (
      <p key={`${provider} ${what}`} class="warning">
        No {what} at {provider} until <Time at={until} />: it was away, asked for a pause, or its day is used
        up.
      </p>
    ))}
    {unserved.length > 0 && (
      <p class="quiet">
        No provider does {unserved.join(', ').replaceAll('_', ' ')}: none of these is planned.
      </p>
    )}
  </>
)

interface Cancelled {
  readonly cancelled: number
  readonly has_more: boolean
}

function Jobs({ of: { jobs }, again }: { readonly of: MlSummary; readonly again: () => void }) {
  const [message, setMessage] = useState('')
  const open = jobs.filter(
    ({ state, provider }) => provider !== null && state !== 'parked' && state !== 'failed',
  )
  const total = open.reduce((sum, one) => sum + one.count, 0)
  return (
    <>
      {jobs.length === 0 ? (
        <Empty>Every job has its result.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Provider</th>
              <th>Kind</th>
              <th>State</th>
              <th class="number">Jobs</th>
              <th>Next</th>
            </tr>
          </thead>
          <tbody>
            {jobs.map(({ provider, kind, state, count: many, next_at }) => (
              <tr key={`${provider} ${kind} ${state}`}>
                <td>{provider ?? <span class="quiet">not made yet</span>}</td>
                <td>{kind.replaceAll('_', ' ')}</td>
                <td>
                  <State of={state} />
                </td>
                <td class="number">{count(many)}</td>
                <td>{next_at && <Time at={next_at} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div class="actions">
        {total > 0 && (
          <Act
            method="POST"
            path="/v1/ml-jobs/cancel"
            body={{ state: 'open' }}
            confirm={`Cancel ${counted(total, 'job')}? What providers work on already may be paid for.`}
            onDone={({ cancelled, has_more }: Cancelled) => {
              setMessage(
                `Cancelled: ${counted(cancelled, 'job')}.${has_more ? ' There are more: ask again.' : ''}`,
              )
              again()
            }}
          >
            Cancel all that are open
          </Act>
        )}
        <span role="status">{message}</span>
      </div>
    </>
  )
}

const money = (usd: number | null) => (usd === null ? '' : `, $${usd.toFixed(2)}`)

function Days({ of: { days } }: { readonly of: MlSummary }) {
  if (days.length === 0) return <Empty>Nothing was sent of late.</Empty>
  const most = Math.max(...days.map(({ sent }) => sent))
  return (
    <div class="meters">
      {days.map(({ day, provider, kind, sent, lost, usd }) => (
        <Meter
          key={`${day} ${provider} ${kind}`}
          label={`${day}, ${kind.replaceAll('_', ' ')} by ${provider}`}
          value={sent}
          most={most}
          note={`${count(sent)} sent${lost > 0 ? `, ${count(lost)} perhaps twice` : ''}${money(usd)}`}
        />
      ))}
    </div>
  )
}

function Brands({ items }: { readonly items: readonly Brand[] }) {
  if (items.length === 0)
    return (
      <Empty>
        No brand is looked for yet: <code>npx social-sync brands --import FILE</code>
      </Empty>
    )
  const named = [...items].sort((a, b) => b.captions + b.finds - a.captions - a.finds)
  const most = Math.max(...named.map(({ captions, finds }) => captions + finds))
  return (
    <div class="meters">
      {named.map(({ id, name, captions, finds, is_looked_through }) => (
        <Meter
          key={id}
          label={name}
          value={captions + finds}
          most={most}
          note={`${count(captions)} by text, ${count(finds)} by ML${is_looked_through ? '' : ', being looked for'}`}
        />
      ))}
    </div>
  )
}
