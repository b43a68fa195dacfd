import { useState } from 'preact/hooks'
import { Act, Card, count, Empty, plural, Shown } from './parts.tsx'
import type { List, MlJob } from './types.ts'
import { useAsked } from './use-asked.ts'
import { inWords } from './words.ts'

interface Redriven {
  readonly redriven: number
  readonly has_more: boolean
}

/** ML jobs that wait for a person, and those that ended without a result. */
export function MlJobsCards() {
  const parked = useAsked<List<MlJob>>('/v1/ml-jobs?state=parked&limit=200', 5_000)
  const failed = useAsked<List<MlJob>>('/v1/ml-jobs?state=failed&limit=200', 5_000)
  return (
    <>
      <Card title="ML jobs">
        <Shown of={parked}>{(list) => <Parked list={list} again={parked.again} />}</Shown>
      </Card>
      <Card title="ML jobs without a result">
        <Shown of={failed}>
          {({ items, next }) =>
            items.length === 0 ? (
              <Empty>Every job that ended has a result.</Empty>
            ) : (
              <>
                <Causes jobs={items} />
                {next && <p class="quiet">There are more: these are the first {count(items.length)}.</p>}
              </>
            )
          }
        </Shown>
      </Card>
    </>
  )
}

/** By what they are of and why they failed, with one of each. */
function Causes({ jobs }: { readonly jobs: readonly MlJob[] }) {
  const causes = Map.groupBy(
    jobs,
    ({ kind, model, reason }) => `${kind} by ${model}: ${inWords(reason ?? 'failed')}`,
  )
  return (
    <ul class="plain">
      {[...causes].map(([cause, [first, ...others]]) => (
        <li key={cause}>
          <span class="warning">{cause}</span>, {plural(others.length + 1, 'job')}
          {first?.message && (
            <details>
              <summary>Job {first.id} says</summary>
              <pre>{first.message}</pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}

function Parked({ list, again }: { readonly list: List<MlJob>; readonly again: () => void }) {
  const { items, next } = list
  const many = next ? `${count(items.length)} and more jobs` : plural(items.length, 'job')
  const [told, setTold] = useState('')
  if (items.length === 0) return <Empty>{told || 'Nothing is parked.'}</Empty>
  return (
    <>
      <p>{many} wait for a person.</p>
      <Causes jobs={items} />
      <div class="actions">
        <Act
          method="POST"
          path="/v1/ml-jobs/redrive"
          body={{}}
          confirm={`A further attempt of each of these ${many} may be paid for. Go on?`}
          onDone={({ redriven, has_more }: Redriven) => {
            setTold(
              `${plural(redriven, 'job')} have a further attempt.${has_more ? ' There are more: ask again.' : ''}`,
            )
            again()
          }}
        >
          Another attempt for all
        </Act>
        <span role="status">{told}</span>
      </div>
    </>
  )
}
