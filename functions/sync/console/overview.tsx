import { counted, remedyOf, waitOf } from '../words.ts'
import { ConsentTable } from './consents.tsx'
import { Card, count, Empty, Heading, Meter, Shown, State, Time } from './parts.tsx'
import { platforms, titleOf } from './platforms.ts'
import { SyncTable } from './syncs.tsx'
import type { List, Overview, Quota, SyncLine } from './types.ts'
import { useApi } from './use-api.ts'

/** How everything stands, asked for every few seconds. */
export function OverviewPage() {
  const overview = useApi<Overview>('/v1/overview', 5_000)
  const quota = useApi<{ items: Quota[] }>('/v1/quota', 5_000)
  const syncs = useApi<List<SyncLine>>('/v1/syncs?limit=8', 5_000)
  return (
    <>
      <Heading text="Overview" />
      <Shown of={overview}>
        {(data) => (
          <>
            <p class="quiet">
              The clock of the database says <Time at={data.now} />
            </p>
            <div class="cards">
              <Freshness data={data} />
              <Backlog data={data} />
              <Broken data={data} />
            </div>
          </>
        )}
      </Shown>
      <Ending of={overview.data?.consents_ending ?? []} />
      <Card title="Quota">
        <Shown of={quota}>{({ items }) => <QuotaBars items={items} />}</Shown>
      </Card>
      <Card title="Latest syncs" aside={<a href="#/syncs">All</a>}>
        <Shown of={syncs}>{({ items }) => <SyncTable items={items} />}</Shown>
      </Card>
    </>
  )
}

const Ending = ({ of }: { readonly of: Overview['consents_ending'] }) =>
  of.length === 0 ? null : (
    <Card title="Consents that end" aside={<a href="#/connect">All</a>}>
      <ConsentTable items={of} isEnding />
    </Card>
  )

function Freshness({ data }: { readonly data: Overview }) {
  const followed = platforms.flatMap(({ name: platform, title }) => {
    const lines = data.accounts.filter((line) => line.platform === platform)
    const all = lines.reduce((sum, line) => sum + line.count, 0)
    const fresh = lines.find((line) => line.state === 'fresh')?.count ?? 0
    const others = lines.filter((line) => line.state !== 'fresh').map((line) => `${line.count} ${line.state}`)
    return all === 0
      ? []
      : [{ platform, title, all, fresh, note: [`${fresh} of ${all} fresh`, ...others].join(', ') }]
  })
  return (
    <Card title="Freshness" aside={<a href="#/accounts">Accounts</a>}>
      {followed.length === 0 && (
        <Empty>
          No account is followed yet. <a href="#/start">Follow one</a>
        </Empty>
      )}
      <div class="meters">
        {followed.map(({ platform, title, all, fresh, note }) => (
          <Meter key={platform} label={title} value={fresh} most={all} note={note} />
        ))}
      </div>
      <Late stalest={data.stalest} />
      {followed.length > 0 && (
        <p class="quiet">
          Fresh: posts were walked within twice the time asked for, and nothing of them is parked.
        </p>
      )}
    </Card>
  )
}

const mostLate = 5

/** Where to look first. */
function Late({ stalest }: Pick<Overview, 'stalest'>) {
  const late = stalest.filter(({ ratio }) => ratio > 2).slice(0, mostLate)
  if (late.length === 0) return null
  return (
    <p>
      Longest overdue:{' '}
      {late.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <a href={`#/accounts/${id}`}>{name}</a>
        </span>
      ))}
    </p>
  )
}

const ages: Readonly<Record<string, string>> = {
  '1 hour': 'under 1 hour',
  '6 hours': '1 to 6 hours',
  '1 day': '6 to 24 hours',
  '3 days': '1 to 3 days',
  longer: 'over 3 days',
}

function Backlog({ data }: { readonly data: Overview }) {
  const most = Math.max(...data.ml_backlog.map((line) => line.count))
  const open = data.ml_backlog.reduce((sum, line) => sum + line.count, 0)
  return (
    <Card title="ML backlog" aside={<a href="#/ml">{count(open)} open</a>}>
      {open === 0 ? (
        <Empty>Every job has ended.</Empty>
      ) : (
        <div class="meters">
          {data.ml_backlog.map(({ age, count: jobs }) => (
            <Meter key={age} label={ages[age] ?? age} value={jobs} most={most} note={count(jobs)} />
          ))}
        </div>
      )}
      {data.ml_unserved.length > 0 && (
        <p class="quiet">
          No provider does {data.ml_unserved.join(', ').replaceAll('_', ' ')}: none of these is planned.
        </p>
      )}
    </Card>
  )
}

/** Its accounts wait for a person. */
const AppFault = ({
  of: { platform, message, remedy, since },
}: {
  readonly of: Overview['faults'][number]
}) => (
  <p class="warning">
    {titleOf(platform)}, since <Time at={since} />: {message}. What to do: {remedy}.
  </p>
)

function Broken({ data }: { readonly data: Overview }) {
  const { parked, waiting, quarantined } = data
  const { pages, ml_jobs, held_deletions } = parked
  return (
    <Card title="Open and parked" aside={<a href="#/parked">Parked</a>}>
      {data.faults.map((fault) => (
        <AppFault key={`${fault.platform} ${fault.access_mode}`} of={fault} />
      ))}
      {data.tasks.length === 0 && <Empty>No sync is open.</Empty>}
      <ul class="plain">
        {data.tasks.map(({ state, count: tasks }) => (
          <li key={state}>
            <State of={state} /> {count(tasks)}
          </li>
        ))}
      </ul>
      {waiting.map(({ reason, count: tasks }) => (
        <p key={reason} class={remedyOf(reason) ? 'warning' : 'quiet'}>
          {counted(tasks, 'account')} waiting for {waitOf(reason)}
        </p>
      ))}
      {quarantined > 0 && (
        <p>
          <a href="#/parked">{counted(quarantined, 'record')} refused</a>
        </p>
      )}
      {held_deletions > 0 && (
        <p class="warning">
          <a href="#/parked">{counted(held_deletions, 'deletion')} held</a>: for a person to confirm
        </p>
      )}
      {pages + ml_jobs === 0 ? (
        <p class="quiet">Nothing is parked.</p>
      ) : (
        <p>
          <State of="parked" /> {counted(pages, 'page')}, {counted(ml_jobs, 'ML job')}: for a person to decide
        </p>
      )}
    </Card>
  )
}

const mostQuotas = 6

/** The scarcest first. */
function QuotaBars({ items }: { readonly items: readonly Quota[] }) {
  if (items.length === 0) return <Empty>No platform was asked in the last day.</Empty>
  const share = ({ used, limit, blocked_until }: Quota) => (blocked_until ? 1 : used / Math.max(1, limit))
  const scarcest = [...items].sort((a, b) => share(b) - share(a))
  const others = scarcest.slice(mostQuotas)
  return (
    <div class="meters">
      {scarcest.slice(0, mostQuotas).map((quota) => (
        <QuotaBar key={quota.pool} quota={quota} />
      ))}
      {others.length > 0 && (
        <details>
          <summary>{others.length} more</summary>
          <div class="meters">
            {others.map((quota) => (
              <QuotaBar key={quota.pool} quota={quota} />
            ))}
          </div>
        </details>
      )}
    </div>
  )
}

const QuotaBar = ({ quota: { pool, used, limit, blocked_until } }: { readonly quota: Quota }) => (
  <>
    <Meter label={pool} value={used} most={limit} />
    {blocked_until && (
      <p class="warning">
        Closed until <Time at={blocked_until} />
      </p>
    )}
  </>
)
