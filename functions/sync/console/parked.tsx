import { useState } from 'preact/hooks'
import { counted } from '../words.ts'
import { ask } from './api.ts'
import { FieldsCard } from './fields.tsx'
import { HeldDeletionsCard } from './held-deletions.tsx'
import { MlJobsCards } from './ml-jobs.tsx'
import { PageBody } from './page-body.tsx'
import { Act, Card, count, Empty, Failure, Heading, Shown, Time } from './parts.tsx'
import { QuarantinedCard } from './quarantined.tsx'
import type { Cause, List, Parked } from './types.ts'
import { useAct } from './use-act.ts'
import { useApi } from './use-api.ts'

/** Work that failed for good: by its cause, with samples, and another chance. */
export function ParkedPage() {
  const causes = useApi<{ items: Cause[] }>('/v1/parked/causes', 5_000)
  const [message, setMessage] = useState('')
  const done = (text: string) => {
    setMessage(text)
    causes.again()
  }
  return (
    <>
      <Heading text="Parked" />
      <p class="quiet">
        What could not be read is kept as it came, and waits here until a person has looked. Another chance
        reads it again, without asking the platform.
      </p>
      <p role="status">{message}</p>
      <Card title="Pages">
        <Shown of={causes}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>Nothing is parked.</Empty>
            ) : (
              items.map((cause) => (
                <OneCause
                  key={`${cause.platform} ${cause.endpoint} ${cause.reason}`}
                  cause={cause}
                  setMessage={setMessage}
                  done={done}
                />
              ))
            )
          }
        </Shown>
      </Card>
      <MlJobsCards />
      <HeldDeletionsCard done={done} />
      <QuarantinedCard />
      <FieldsCard />
    </>
  )
}

interface Redriven {
  readonly matched: number
  readonly redriven: number
  readonly has_more: boolean
}
type Dropped = Omit<Redriven, 'redriven'> & { readonly dropped: number }

/** What there was no time for. */
const andMore = (has_more: boolean) => (has_more ? ' There are more: ask again.' : '')

/** What a person can do about a cause, in words. */
const advice: Readonly<Record<string, string>> = {
  unreadable:
    'The answer has no known shape. Redrive it once the rules support that shape. If a proxy produced it, they never will: ' +
    'sync the account again, and drop the page.',
}

function OneCause(props: {
  readonly cause: Cause
  readonly setMessage: (text: string) => void
  /** Shown beside the list: what was changed may be gone from it. */
  readonly done: (text: string) => void
}) {
  const { cause, setMessage, done } = props
  const { platform, endpoint, reason } = cause
  const body = { platform, endpoint, reason }
  const isInVain = cause.again === cause.count
  return (
    <article>
      <h3>
        {platform} {endpoint}: {reason.replaceAll('_', ' ')}
      </h3>
      <p>
        {counted(cause.count, 'page')}, the oldest since <Time at={cause.oldest} />
      </p>
      {cause.again > 0 && (
        <p class="warning">
          {counted(cause.again, 'page')} of them {cause.again === 1 ? 'was' : 'were'} read again before, and
          parked again for the same cause: another chance changes nothing until the rules do.
        </p>
      )}
      {advice[reason] && <p class="quiet">{advice[reason]}</p>}
      <Samples cause={cause} />
      <div class="actions">
        <Act
          method="POST"
          path="/v1/parked/redrive"
          body={{ ...body, dry_run: true }}
          onDone={({ matched, has_more }: Redriven) =>
            setMessage(
              `${has_more ? `${count(matched)} and more pages` : counted(matched, 'page')} would be read again.`,
            )
          }
        >
          What would it read again?
        </Act>
        <Act
          method="POST"
          path="/v1/parked/redrive"
          body={body}
          kind={isInVain ? 'plain' : 'main'}
          onDone={({ matched, redriven, has_more }: Redriven) =>
            done(`${count(redriven)} of ${counted(matched, 'page')} will be read again.${andMore(has_more)}`)
          }
        >
          Redrive
        </Act>
        <SyncAgain cause={cause} isMain={isInVain} />
        <Act
          method="POST"
          path="/v1/parked/drop"
          body={body}
          confirm={`Drop ${counted(cause.count, 'page')}? Their records will never become rows.`}
          onDone={({ dropped, matched, has_more }: Dropped) =>
            done(`${count(dropped)} of ${counted(matched, 'page')} dropped.${andMore(has_more)}`)
          }
        >
          Drop
        </Act>
      </div>
    </article>
  )
}

const mostAccounts = 100

/** Syncs the accounts of a cause again, as many as one request may name: their next walk brings what was lost. */
async function syncAgain({ platform, endpoint, reason }: Cause): Promise<void> {
  const ids = new Set<string>()
  for (let after: string | null = ''; after !== null && ids.size < mostAccounts; ) {
    const query = new URLSearchParams({
      platform,
      endpoint,
      reason,
      limit: '200',
      ...(after ? { after } : {}),
    })
    const page: List<Parked> = await ask('GET', `/v1/parked?${query}`)
    for (const { account_id } of page.items) ids.add(account_id)
    after = page.next
  }
  const accounts = [...ids].slice(0, mostAccounts).map((account_id) => ({ account_id }))
  const { id } = await ask<{ id: string }>('POST', '/v1/syncs', { accounts })
  location.hash = `#/syncs/${id}`
}

function SyncAgain({ cause, isMain }: { readonly cause: Cause; readonly isMain: boolean }) {
  const { isBusy, error, act } = useAct()
  return (
    <>
      <button
        type="button"
        class={isMain ? 'main' : 'plain'}
        disabled={isBusy}
        aria-busy={isBusy}
        onClick={() => void act(() => syncAgain(cause))}
      >
        Sync its accounts again, {mostAccounts} at most
      </button>
      {error && <Failure error={error} />}
    </>
  )
}

function Samples({ cause: { platform, endpoint, reason } }: { readonly cause: Cause }) {
  const query = new URLSearchParams({ platform, endpoint, reason, limit: '3' })
  const pages = useApi<List<Parked>>(`/v1/parked?${query}`)
  return (
    <Shown of={pages}>
      {({ items }) => (
        <ul class="plain">
          {items.map((page) => (
            <li key={page.id}>
              <a href={`#/accounts/${page.account_id}`}>
                {page.handle ? `@${page.handle}` : `account ${page.account_id}`}
              </a>{' '}
              <Time at={page.parked_at} />
              <div class="warning">{page.message}</div>
              <PageBody id={page.id} />
            </li>
          ))}
        </ul>
      )}
    </Shown>
  )
}
