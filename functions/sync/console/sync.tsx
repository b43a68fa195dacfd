import { Act, Card, count, Heading, lengthOf, Says, Shown, State, Time } from './parts.tsx'
import type { Sync, Task } from './types.ts'
import { useApi } from './use-api.ts'
import { inWords } from './words.ts'

const hasEnded = ({ state }: Sync) => state !== 'running' && state !== 'waiting'

/** One request: where it stands, when it will be ready and why then, and what to do about it. */
export function SyncPage({ id }: { readonly id: string }) {
  const asked = useApi<Sync>(`/v1/syncs/${id}`, 2_000, hasEnded)
  return (
    <>
      <Heading text={`Sync ${id}`} />
      <Shown of={asked}>
        {(sync) => (
          <>
            <Standing sync={sync} again={asked.again} />
            <Card title="Accounts" aside={<AccountsShown sync={sync} />}>
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
    {accounts > tasks.length ? `the first ${count(tasks.length)} of ${count(accounts)}` : count(accounts)}
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
    <Card title="Progress" aside={<State of={sync.state} />}>
      <div class="meters">
        <div class="meter">
          <progress
            max={Math.max(1, all)}
            {...(isOpen && all === 0 ? {} : { value: isOpen ? done : Math.max(1, all) })}
            aria-label="Progress"
          />
          <span class="quiet">
            {count(done)} of {count(all)} pages and ML jobs known so far
          </span>
        </div>
      </div>
      {sync.eta && <Eta eta={sync.eta} now={sync.now} />}
      <p class="quiet">
        {inWords(sync.mode)}, {inWords(sync.origin)}, asked <Time at={sync.created_at} />
        {sync.finished_at && (
          <>
            , ended <Time at={sync.finished_at} />, after{' '}
            {lengthOf(Date.parse(sync.finished_at) - Date.parse(sync.created_at))}
          </>
        )}
      </p>
      <div class="actions">
        {isOpen && (
          <Act
            method="POST"
            path={`/v1/syncs/${sync.id}/cancel`}
            confirm="Cancel what this sync alone asked for?"
            onDone={again}
          >
            Cancel
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
            Ask again
          </Act>
        )}
        {sync.tasks.some((task) => isParked(task) || task.records.quarantined > 0) && (
          <a href="#/parked">See what is parked, failed or refused</a>
        )}
      </div>
    </Card>
  )
}

function Eta({ eta, now }: { readonly eta: NonNullable<Sync['eta']>; readonly now: string }) {
  const from = (at: string) => lengthOf(Date.parse(at) - Date.parse(now))
  return (
    <dl>
      <dt>Posts on record</dt>
      <dd>
        {eta.rows_at === null ? (
          eta.on_record ? (
            'now'
          ) : (
            'not known yet'
          )
        ) : (
          <>
            in {from(eta.rows_at)}, <Time at={eta.rows_at} />
          </>
        )}
      </dd>
      <dt>All ready</dt>
      <dd>
        {eta.ready_at === null ? (
          'not known yet'
        ) : (
          <>
            in {from(eta.ready_at)}, <Time at={eta.ready_at} />
          </>
        )}
      </dd>
      <dt>Because</dt>
      <dd>
        <Says text={eta.because} />
      </dd>
    </dl>
  )
}

/** What would mend it, where that is the account's. */
function AccountHelp({ task, again }: { readonly task: Task; readonly again: () => void }) {
  if (task.account_status === 'reauth_required')
    return <a href={`#/connect?account=${task.account_id}`}>Reconnect</a>
  if (task.account_status !== 'missing' || task.status !== 'failed') return null
  return (
    <Act method="POST" path={`/v1/accounts/${task.account_id}/unfollow`} kind="main" onDone={again}>
      Unfollow it
    </Act>
  )
}

function Tasks({ tasks, again }: { readonly tasks: readonly Task[]; readonly again: () => void }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Account</th>
          <th scope="col">State</th>
          <th scope="col">Pages</th>
          <th scope="col">Records</th>
          <th scope="col">ML jobs</th>
          <th scope="col">Says</th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <tr key={task.id}>
            <td data-label="Account">
              <a href={`#/accounts/${task.account_id}`}>
                {task.platform} {task.handle === null ? task.native_id : `@${task.handle}`}
              </a>
            </td>
            <td data-label="State">
              <State of={task.reason === 'incomplete' ? 'incomplete' : task.status} />
              {task.trace_url && (
                <>
                  {' '}
                  <a href={task.trace_url} target="_blank" rel="noreferrer">
                    trace
                  </a>
                </>
              )}
            </td>
            <td data-label="Pages">
              {task.pages.transformed} read, {task.pages.stored} left
              {task.pages.parked > 0 && (
                <>
                  , <a href="#/parked">{task.pages.parked} parked</a>
                </>
              )}
            </td>
            <td data-label="Records">
              {count(task.records.accepted)}
              {task.records.quarantined > 0 && `, ${task.records.quarantined} refused`}
            </td>
            <td data-label="ML jobs">
              {count(task.ml_jobs.done)} done, {count(task.ml_jobs.open)} open
              {task.ml_jobs.failed > 0 && `, ${task.ml_jobs.failed} failed`}
            </td>
            <td data-label="Says">
              {task.problems.map((problem) => (
                <div class="warning" key={problem}>
                  <Says text={problem} />
                </div>
              ))}
              <Says text={task.waits_for ? `waits for ${task.waits_for}` : ''} />
              <AccountHelp task={task} again={again} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
