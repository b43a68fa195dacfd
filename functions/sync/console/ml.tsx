import { useState } from 'preact/hooks'
import { dayText } from './days.tsx'
import { named, number, t } from './language.ts'
import { count } from './measures.tsx'
import { Act, Card, Empty, Heading, Meter, Shown, State, Time } from './parts.tsx'
import type { Brand, List, MlSummary } from './types.ts'
import { useApi } from './use-api.ts'

/** What models are asked, what waits for them, what that costs, and which brands were found. */
export function MlPage() {
  const summary = useApi<MlSummary>('/v1/ml-jobs/summary', 5_000)
  const brands = useApi<List<Brand>>('/v1/brands?limit=200')
  return (
    <>
      <Heading text={t('repair.ml')} />
      <Shown of={summary}>
        {(data) => (
          <>
            <Held of={data} />
            <Card title={t('repair.jobsNoResult')}>
              <Jobs of={data} again={summary.again} />
            </Card>
            <Card title={t('repair.lastDays')}>
              <Days of={data} />
            </Card>
          </>
        )}
      </Shown>
      <Card title={t('repair.brands')}>
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
        {t('repair.rests', { what: t(`repair.${what}`), provider })} <Time at={until} />:{' '}
        {t('repair.restsWhy')}
      </p>
    ))}
    {unserved.length > 0 && (
      <p class="quiet">
        {t('work.unserved', { kinds: unserved.map((kind) => named('mlKinds', kind)).join(', ') })}
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
        <Empty>{t('repair.allResult')}</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('repair.provider')}</th>
              <th scope="col">{t('repair.kind')}</th>
              <th scope="col">{t('work.state')}</th>
              <th scope="col" class="number">
                {t('repair.jobs')}
              </th>
              <th scope="col">{t('repair.next')}</th>
            </tr>
          </thead>
          <tbody>
            {jobs.map(({ provider, kind, state, count: many, next_at }) => (
              <tr key={`${provider} ${kind} ${state}`}>
                <td>{provider ?? <span class="quiet">{t('repair.notMade')}</span>}</td>
                <td>{named('mlKinds', kind)}</td>
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
            confirm={t('repair.cancelAsk', { jobs: t('work.jobs', { count: total }) })}
            onDone={({ cancelled, has_more }: Cancelled) => {
              setMessage(
                `${t('repair.cancelled', { jobs: t('work.jobs', { count: cancelled }) })}${has_more ? ` ${t('repair.more')}` : ''}`,
              )
              again()
            }}
          >
            {t('repair.cancelAll')}
          </Act>
        )}
        <span role="status">{message}</span>
      </div>
    </>
  )
}

const money = (usd: number | null) =>
  usd === null ? '' : `, ${number(usd, { style: 'currency', currency: 'USD' })}`

function Days({ of: { days } }: { readonly of: MlSummary }) {
  if (days.length === 0) return <Empty>{t('repair.nothingSent')}</Empty>
  const most = Math.max(...days.map(({ sent }) => sent))
  return (
    <div class="meters">
      {days.map(({ day, provider, kind, sent, lost, usd }) => (
        <Meter
          key={`${day} ${provider} ${kind}`}
          label={t('repair.dayLine', { day: dayText(day), kind: named('mlKinds', kind), provider })}
          value={sent}
          most={most}
          note={`${t('repair.sent', { number: count(sent) })}${lost > 0 ? `, ${t('repair.twice', { number: count(lost) })}` : ''}${money(usd)}`}
        />
      ))}
    </div>
  )
}

function Brands({ items }: { readonly items: readonly Brand[] }) {
  if (items.length === 0)
    return (
      <Empty>
        {t('repair.noBrands')} <code>npx social-sync brands --import FILE</code>
      </Empty>
    )
  const sorted = [...items].sort((a, b) => b.captions + b.finds - a.captions - a.finds)
  const most = Math.max(...sorted.map(({ captions, finds }) => captions + finds))
  return (
    <div class="meters">
      {sorted.map(({ id, name, captions, finds, is_looked_through }) => (
        <Meter
          key={id}
          label={name}
          value={captions + finds}
          most={most}
          note={`${t('repair.byText', { texts: count(captions), finds: count(finds) })}${is_looked_through ? '' : `, ${t('repair.beingLooked')}`}`}
        />
      ))}
    </div>
  )
}
