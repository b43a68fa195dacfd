import { useState } from 'preact/hooks'
import { counted } from '../words.ts'
import { Act, Card, Empty, Shown } from './parts.tsx'
import type { MlCause } from './types.ts'
import { useApi } from './use-api.ts'
import { inWords } from './words.ts'

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
      <Card title="ML jobs">
        <Shown of={parked}>{({ items }) => <Parked causes={items} again={parked.again} />}</Shown>
      </Card>
      <Card title="ML jobs without a result">
        <Shown of={failed}>
          {({ items }) =>
            items.length === 0 ? <Empty>Every job that ended has a result.</Empty> : <Causes causes={items} />
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
          {kind} by {model}: {inWords(reason)}
        </span>
        , {counted(count, 'job')}
        {message && (
          <details>
            <summary>Job {sample} says</summary>
            <pre>{message}</pre>
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
      {jobs === 0 ? <Empty>Nothing is parked.</Empty> : <Causes causes={causes} />}
      <div class="actions">
        {jobs > 0 && (
          <Act
            method="POST"
            path="/v1/ml-jobs/redrive"
            body={{}}
            confirm={`A further attempt may be paid for, of ${counted(jobs, 'job')}. Go on?`}
            onDone={({ redriven, has_more }: Redriven) => {
              setMessage(
                `Given a further attempt: ${counted(redriven, 'job')}.${has_more ? ' There are more: ask again.' : ''}`,
              )
              again()
            }}
          >
            Another attempt for all
          </Act>
        )}
        <span role="status">{message}</span>
      </div>
    </>
  )
}
