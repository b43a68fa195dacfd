import { useState } from 'preact/hooks'
import { named, t, translated } from './language.ts'
import { Act, Card, Empty, Shown } from './parts.tsx'
import type { MlCause } from './types.ts'
import { useApi } from './use-api.ts'

interface Redriven {
  readonly redriven: number
  readonly has_more: boolean
}

/** ML jobs that wait for a person, and those that ended without a result. */
export function MlJobsCards() {
  const parked = useApi<{ items: MlCause[] }>('/v1/ml-jobs/causes?state=parked', 5_000)
  const failed = useApi<{ items: MlCause[] }>('/v1/ml-jobs/causes?state=failed')
  return (
    <>
      <Card title={t('repair.mlJobs')}>
        <Shown of={parked}>{({ items }) => <Parked causes={items} again={parked.again} />}</Shown>
      </Card>
      <Card title={t('repair.mlNoResult')}>
        <Shown of={failed}>
          {({ items }) =>
            items.length === 0 ? <Empty>{t('repair.allHaveResult')}</Empty> : <Causes causes={items} />
          }
        </Shown>
      </Card>
    </>
  )
}

/** By what they are of and why they ended, with one of each. */
const Causes = ({ causes }: { readonly causes: readonly MlCause[] }) => (
  <ul class="plain">
    {causes.map(({ kind, model, reason, count, sample, message }) => (
      <li key={`${kind} ${model} ${reason}`}>
        <span class="warning">
          {t('repair.jobCause', { kind: named('mlKinds', kind), model, reason: named('causes', reason) })}
        </span>
        , {t('work.jobs', { count })}
        {message && (
          <details>
            <summary>{t('repair.jobSays', { id: sample })}</summary>
            <pre>{translated(message)}</pre>
          </details>
        )}
      </li>
    ))}
  </ul>
)

function Parked({ causes, again }: { readonly causes: readonly MlCause[]; readonly again: () => void }) {
  const [message, setMessage] = useState('')
  const jobs = causes.reduce((sum, { count }) => sum + count, 0)
  return (
    <>
      {jobs === 0 ? <Empty>{t('work.nothingParked')}</Empty> : <Causes causes={causes} />}
      <div class="actions">
        {jobs > 0 && (
          <Act
            method="POST"
            path="/v1/ml-jobs/redrive"
            body={{}}
            confirm={t('repair.attemptAsk', { jobs: t('work.jobs', { count: jobs }) })}
            onDone={({ redriven, has_more }: Redriven) => {
              setMessage(
                `${t('repair.attempted', { jobs: t('work.jobs', { count: redriven }) })}${has_more ? ` ${t('repair.more')}` : ''}`,
              )
              again()
            }}
          >
            {t('repair.attemptAll')}
          </Act>
        )}
        <span role="status">{message}</span>
      </div>
    </>
  )
}
