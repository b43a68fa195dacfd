import { named, t } from './language.ts'
import { count, lengthOf } from './measures.tsx'
import { Act, Card, Heading, Says, Shown, State, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { Sync, Task } from './types.ts'
import { useApi } from './use-api.ts'

const hasEnded = ({ state }: Sync) => state !== 'running' && state !== 'waiting'

/** One request: where it stands, when it will be ready and why then, and what to do about it. */
export function SyncPage({ id }: { readonly id: string }) {
  const asked = useApi<Sync>(`/v1/syncs/${id}`, 2_000, hasEnded)
  return (
    <>
      <Heading text={t('work.syncTitle', { id })} />
      <Shown of={asked}>
        {(sync) => (
          <>
            <Standing sync={sync} again={asked.again} />
            <Card title={t('shell.accounts')} aside={<AccountsShown sync={sync} />}>
              <Tasks tasks={sync.tasks} again={asked.again} />
            </Card>
          </>
        )}
      </Shown>
    </>
  )
}

const AccountsShown = ({ sync: { accounts, tasks } }: { readonly sync: Sync }) => (
  <span class="quiet">
    {accounts > tasks.length
      ? t('work.firstOf', { shown: count(tasks.length), all: count(accounts) })
      : count(accounts)}
  </span>
)

const isParked = ({ pages, ml_jobs }: Task) => pages.parked + ml_jobs.failed > 0

/** What is done of what is known of; pages that are yet to be listed are not known. */
function progressOf({ tasks }: Sync): { done: number; all: number } {
  const sum = (of: (task: Task) => number) => tasks.reduce((total, task) => total + of(task), 0)
  const done = sum(({ pages, ml_jobs }) => pages.transformed + pages.parked + ml_jobs.done + ml_jobs.failed)
  return { done, all: done + sum(({ pages, ml_jobs }) => pages.stored + ml_jobs.open) }
}

/** Asking again would end alike. */
const isOfAccount = ({ status, account_status }: Task) =>
  status !== 'failed' || ['missing', 'reauth_required'].includes(account_status)

function Standing({ sync, again }: { readonly sync: Sync; readonly again: () => void }) {
  const { done, all } = progressOf(sync)
  const isOpen = !hasEnded(sync)
  return (
    <Card title={t('work.progress')} aside={<State of={sync.state} />}>
      <div class="meters">
        <div class="meter">
          <progress
            max={Math.max(1, all)}
            {...(isOpen && all === 0 ? {} : { value: isOpen ? done : Math.max(1, all) })}
            aria-label={t('work.progress')}
          />
          <span class="quiet">{t('work.progressNote', { done: count(done), all: count(all) })}</span>
        </div>
      </div>
      {sync.eta && <Eta eta={sync.eta} now={sync.now} />}
      <p class="quiet">
        {named('ways', sync.mode)}, {named('ways', sync.origin)}, {t('work.askedAt')}{' '}
        <Time at={sync.created_at} />
        {sync.finished_at && (
          <>
            , {t('work.endedAt')} <Time at={sync.finished_at} />,{' '}
            {t('work.after', { time: lengthOf(Date.parse(sync.finished_at) - Date.parse(sync.created_at)) })}
          </>
        )}
      </p>
      <div class="actions">
        {isOpen && (
          <Act
            method="POST"
            path={`/v1/syncs/${sync.id}/cancel`}
            confirm={t('work.cancelAsk')}
            onDone={again}
          >
            {t('work.cancel')}
          </Act>
        )}
        {!isOpen && sync.tasks.some(({ status }) => ['failed', 'cancelled'].includes(status)) && (
          <Act
            method="POST"
            path={`/v1/syncs/${sync.id}/retry`}
            kind={sync.tasks.every(isOfAccount) ? 'plain' : 'main'}
            onDone={({ id }: { readonly id: string }) => {
              location.hash = `#/syncs/${id}`
            }}
          >
            {t('work.askAgain')}
          </Act>
        )}
        {sync.tasks.some((task) => isParked(task) || task.records.quarantined > 0) && (
          <a href="#/parked">{t('work.seeParked')}</a>
        )}
      </div>
    </Card>
  )
}

function Eta({ eta, now }: { readonly eta: NonNullable<Sync['eta']>; readonly now: string }) {
  const from = (at: string) => lengthOf(Date.parse(at) - Date.parse(now))
  return (
    <dl>
      <dt>{t('work.onRecord')}</dt>
      <dd>
        {eta.rows_at === null ? (
          eta.on_record ? (
            t('work.now')
          ) : (
            t('work.notYet')
          )
        ) : (
          <>
            {t('work.inTime', { time: from(eta.rows_at) })}, <Time at={eta.rows_at} />
          </>
        )}
      </dd>
      <dt>{t('work.allReady')}</dt>
      <dd>
        {eta.ready_at === null ? (
          t('work.notYet')
        ) : (
          <>
            {t('work.inTime', { time: from(eta.ready_at) })}, <Time at={eta.ready_at} />
          </>
        )}
      </dd>
      <dt>{t('work.because')}</dt>
      <dd>
        <Says text={eta.because} />
      </dd>
    </dl>
  )
}

/** What would mend it, where that is the account's. */
function AccountHelp({ task, again }: { readonly task: Task; readonly again: () => void }) {
  if (task.account_status === 'reauth_required')
    return <a href={`#/connect?account=${task.account_id}`}>{t('work.reconnect')}</a>
  if (task.account_status !== 'missing' || task.status !== 'failed') return null
  return (
    <Act method="POST" path={`/v1/accounts/${task.account_id}/unfollow`} kind="main" onDone={again}>
      {t('work.unfollowIt')}
    </Act>
  )
}

function Tasks({ tasks, again }: { readonly tasks: readonly Task[]; readonly again: () => void }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('people.account')}</th>
          <th scope="col">{t('work.state')}</th>
          <th scope="col">{t('work.pagesTitle')}</th>
          <th scope="col">{t('work.records')}</th>
          <th scope="col">{t('work.mlJobs')}</th>
          <th scope="col">{t('work.says')}</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <tr key={task.id}>
            <td data-label={t('people.account')}>
              <a href={`#/followed/${task.account_id}`}>
                {titleOf(task.platform)} {task.handle === null ? task.native_id : `@${task.handle}`}
              </a>
            </td>
            <td data-label={t('work.state')}>
              <State of={task.reason === 'incomplete' ? 'incomplete' : task.status} />
              {task.trace_url && (
                <>
                  {' '}
                  <a href={task.trace_url} target="_blank" rel="noreferrer">
                    {t('work.trace')}
                  </a>
                </>
              )}
            </td>
            <td data-label={t('work.pagesTitle')}>
              {t('work.pagesRead', { read: count(task.pages.transformed), left: count(task.pages.stored) })}
              {task.pages.parked > 0 && (
                <>
                  , <a href="#/parked">{t('work.parkedNo', { number: count(task.pages.parked) })}</a>
                </>
              )}
            </td>
            <td data-label={t('work.records')}>
              {count(task.records.accepted)}
              {task.records.quarantined > 0 &&
                `, ${t('work.refusedNo', { number: count(task.records.quarantined) })}`}
            </td>
            <td data-label={t('work.mlJobs')}>
              {t('work.jobsOf', { done: count(task.ml_jobs.done), open: count(task.ml_jobs.open) })}
              {task.ml_jobs.failed > 0 && `, ${t('work.failedNo', { number: count(task.ml_jobs.failed) })}`}
            </td>
            <td data-label={t('work.says')}>
              {task.problems.map((problem) => (
                <div class="warning" key={problem}>
                  <Says text={problem} />
                </div>
              ))}
              <Says text={task.waits_for ? t('work.waitsFor', { what: task.waits_for }) : ''} />
              <AccountHelp task={task} again={again} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
