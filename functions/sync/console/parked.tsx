import { useState } from 'preact/hooks'
import { ask } from './api.ts'
import { FieldsCard } from './fields.tsx'
import { HeldDeletionsCard } from './held-deletions.tsx'
import { named, t, translated } from './language.ts'
import { count } from './measures.tsx'
import { MlJobsCards } from './ml-jobs.tsx'
import { PageBody } from './page-body.tsx'
import { Act, Card, Empty, Failure, Heading, Shown, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
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
      <Heading text={t('repair.parked')} />
      <p class="quiet">{t('repair.parkedIs')}</p>
      <p role="status">{message}</p>
      <Card title={t('repair.pages')}>
        <Shown of={causes}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{t('work.nothingParked')}</Empty>
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
const andMore = (has_more: boolean) => (has_more ? ` ${t('repair.more')}` : '')

const pagesOf = (count: number) => t('work.pages', { count })

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
        {t('repair.causeOf', {
          platform: titleOf(platform),
          what: named('endpoints', endpoint.replaceAll('.', '_')),
          reason: named('causes', reason),
        })}
      </h3>
      <p>
        {pagesOf(cause.count)}, {t('repair.oldest')} <Time at={cause.oldest} />
      </p>
      {cause.again > 0 && <p class="warning">{t('repair.inVain', { pages: pagesOf(cause.again) })}</p>}
      {reason === 'unreadable' && <p class="quiet">{t('repair.unreadable')}</p>}
      <Samples cause={cause} />
      <div class="actions">
        <Act
          method="POST"
          path="/v1/parked/redrive"
          body={{ ...body, dry_run: true }}
          onDone={({ matched, has_more }: Redriven) =>
            setMessage(
              t('repair.wouldRead', {
                pages: has_more ? t('repair.andMore', { pages: pagesOf(matched) }) : pagesOf(matched),
              }),
            )
          }
        >
          {t('repair.whatWould')}
        </Act>
        <Act
          method="POST"
          path="/v1/parked/redrive"
          body={body}
          kind={isInVain ? 'plain' : 'main'}
          onDone={({ matched, redriven, has_more }: Redriven) =>
            done(
              `${t('repair.willRead', { done: count(redriven), pages: pagesOf(matched) })}${andMore(has_more)}`,
            )
          }
        >
          {t('repair.redrive')}
        </Act>
        <SyncAgain cause={cause} isMain={isInVain} />
        <Act
          method="POST"
          path="/v1/parked/drop"
          body={body}
          confirm={t('repair.dropAsk', { pages: pagesOf(cause.count) })}
          onDone={({ dropped, matched, has_more }: Dropped) =>
            done(
              `${t('repair.dropped', { done: count(dropped), pages: pagesOf(matched) })}${andMore(has_more)}`,
            )
          }
        >
          {t('repair.drop')}
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
        {t('repair.syncAgain', { most: count(mostAccounts) })}
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
              <a href={`#/followed/${page.account_id}`}>
                {page.handle ? `@${page.handle}` : t('repair.accountNo', { id: page.account_id })}
              </a>{' '}
              <Time at={page.parked_at} />
              <div class="warning">{translated(page.message ?? '')}</div>
              <PageBody id={page.id} />
            </li>
          ))}
        </ul>
      )}
    </Shown>
  )
}
