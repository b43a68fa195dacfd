import { isForPeople } from '#shared/language/waits.ts'
import { ConsentTable } from './consents.tsx'
import { named, t, translated } from './language.ts'
import { count } from './measures.tsx'
import { Card, Empty, Heading, Meter, Shown, State, Time } from './parts.tsx'
import { platforms, titleOf } from './platforms.ts'
import { poolName } from './pools.ts'
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
      <Heading text={t('work.overview')} />
      <Shown of={overview}>
        {(data) => (
          <>
            <p class="quiet">
              {t('work.clock')} <Time at={data.now} />
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
      <Card title={t('work.quota')}>
        <Shown of={quota}>{({ items }) => <QuotaBars items={items} />}</Shown>
      </Card>
      <Card title={t('work.latestSyncs')} aside={<a href="#/syncs">{t('shell.all')}</a>}>
        <Shown of={syncs}>{({ items }) => <SyncTable items={items} />}</Shown>
      </Card>
    </>
  )
}

const Ending = ({ of }: { readonly of: Overview['consents_ending'] }) =>
  of.length === 0 ? null : (
    <Card title={t('work.consentsEnding')} aside={<a href="#/connect">{t('shell.all')}</a>}>
      <ConsentTable items={of} isEnding />
    </Card>
  )

function Freshness({ data }: { readonly data: Overview }) {
  const followed = platforms.flatMap(({ name: platform, title }) => {
    const lines = data.accounts.filter((line) => line.platform === platform)
    const all = lines.reduce((sum, line) => sum + line.count, 0)
    const fresh = lines.find((line) => line.state === 'fresh')?.count ?? 0
    const others = lines
      .filter((line) => line.state !== 'fresh')
      .map(({ state, count: number }) =>
        t(state === 'late' ? 'work.lateNote' : 'work.stoppedNote', { number: count(number) }),
      )
    return all === 0
      ? []
      : [
          {
            platform,
            title,
            all,
            fresh,
            note: [t('work.freshNote', { fresh: count(fresh), all: count(all) }), ...others].join(', '),
          },
        ]
  })
  return (
    <Card title={t('work.freshness')} aside={<a href="#/followed">{t('work.followed')}</a>}>
      {followed.length === 0 && (
        <Empty>
          {t('people.noAccounts')} <a href="#/start">{t('people.followOne')}</a>
        </Empty>
      )}
      <div class="meters">
        {followed.map(({ platform, title, all, fresh, note }) => (
          <Meter key={platform} label={title} value={fresh} most={all} note={note} />
        ))}
      </div>
      <Late stalest={data.stalest} />
      {followed.length > 0 && <p class="quiet">{t('work.freshMeans')}</p>}
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
      {t('work.longestOverdue')}{' '}
      {late.map(({ id, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <a href={`#/followed/${id}`}>{name}</a>
        </span>
      ))}
    </p>
  )
}

function Backlog({ data }: { readonly data: Overview }) {
  const most = Math.max(...data.ml_backlog.map((line) => line.count))
  const open = data.ml_backlog.reduce((sum, line) => sum + line.count, 0)
  return (
    <Card
      title={t('work.mlBacklog')}
      aside={<a href="#/ml">{t('work.openJobs', { number: count(open) })}</a>}
    >
      {open === 0 ? (
        <Empty>{t('work.everyJobEnded')}</Empty>
      ) : (
        <div class="meters">
          {data.ml_backlog.map(({ age, count: jobs }) => (
            <Meter
              key={age}
              label={named('ages', age.replaceAll(' ', '_'))}
              value={jobs}
              most={most}
              note={count(jobs)}
            />
          ))}
        </div>
      )}
      {data.ml_unserved.length > 0 && (
        <p class="quiet">
          {t('work.unserved', { kinds: data.ml_unserved.map((kind) => named('mlKinds', kind)).join(', ') })}
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
    {t('work.fault', { platform: titleOf(platform) })} <Time at={since} />:{' '}
    {t('work.faultSays', { message: translated(message), remedy: translated(remedy) })}
  </p>
)

function Broken({ data }: { readonly data: Overview }) {
  const { parked, waiting, quarantined } = data
  const { pages, ml_jobs, held_deletions } = parked
  return (
    <Card title={t('work.openAndParked')} aside={<a href="#/parked">{t('repair.parked')}</a>}>
      {data.faults.map((fault) => (
        <AppFault key={`${fault.platform} ${fault.access_mode}`} of={fault} />
      ))}
      {data.tasks.length === 0 && <Empty>{t('work.noSyncOpen')}</Empty>}
      <ul class="plain">
        {data.tasks.map(({ state, count: tasks }) => (
          <li key={state}>
            <State of={state} /> {count(tasks)}
          </li>
        ))}
      </ul>
      {waiting.map(({ reason, count: tasks }) => (
        <p key={reason} class={isForPeople(reason) ? 'warning' : 'quiet'}>
          {t('work.waitingFor', {
            accounts: t('numbers.accountsOf', { count: tasks }),
            what: named('waits', reason),
          })}
        </p>
      ))}
      {quarantined > 0 && (
        <p>
          <a href="#/parked">{t('work.recordsRefused', { count: quarantined })}</a>
        </p>
      )}
      {held_deletions > 0 && (
        <p class="warning">
          <a href="#/parked">{t('work.deletionsHeld', { count: held_deletions })}</a>: {t('work.toConfirm')}
        </p>
      )}
      {pages + ml_jobs === 0 ? (
        <p class="quiet">{t('work.nothingParked')}</p>
      ) : (
        <p>
          <State of="parked" /> {t('work.pages', { count: pages })}, {t('work.mlJobsOf', { count: ml_jobs })}:{' '}
          {t('work.toDecide')}
        </p>
      )}
    </Card>
  )
}

const mostQuotas = 6

/** The scarcest first. */
function QuotaBars({ items }: { readonly items: readonly Quota[] }) {
  if (items.length === 0) return <Empty>{t('work.noQuota')}</Empty>
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
          <summary>{t('work.moreQuotas', { number: count(others.length) })}</summary>
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
    <Meter label={poolName(pool)} value={used} most={limit} />
    {blocked_until && (
      <p class="warning">
        {t('work.closedUntil')} <Time at={blocked_until} />
      </p>
    )}
  </>
)
