import { useState } from 'preact/hooks'
import { named, t, translated } from './language.ts'
import { count } from './measures.tsx'
import { PageBody } from './page-body.tsx'
import { Empty, Shown, State, Time } from './parts.tsx'
import type { Why } from './types.ts'
import { useApi } from './use-api.ts'

/** From which answers of the platform and of models a post on record was made, asked for when a person opens it. */
export function Provenance({ postId }: { readonly postId: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="card" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('people.whySo')}</summary>
      {isOpen && <Asked postId={postId} />}
    </details>
  )
}

function Asked({ postId }: { readonly postId: string }) {
  const why = useApi<Why>(`/v1/posts/${postId}/why`)
  return (
    <Shown of={why}>
      {({ answers, ml_jobs }) => (
        <>
          <Answers of={answers} />
          <Jobs of={ml_jobs} />
        </>
      )}
    </Shown>
  )
}

const Answers = ({ of }: { readonly of: Why['answers'] }) => (
  <>
    <h3>{t('work.answers')}</h3>
    {of.length === 0 && <Empty>{t('work.answersGone')}</Empty>}
    <ol class="timeline">
      {of.map((answer) => (
        <li key={answer.page_id}>
          <div>
            <Time at={answer.answered_at} />{' '}
            {answer.recorded.length > 0
              ? answer.recorded.map((one) => named('recorded', one)).join(', ')
              : t('work.nothingNew')}
          </div>
          <div class="quiet">
            {answer.syncs.map((sync) => (
              <a key={sync} href={`#/syncs/${sync}`}>
                {t('work.syncNo', { id: sync })}{' '}
              </a>
            ))}
          </div>
          {answer.has_body && <PageBody id={answer.page_id} />}
        </li>
      ))}
    </ol>
  </>
)

const Jobs = ({ of }: { readonly of: Why['ml_jobs'] }) => (
  <>
    <h3>{t('work.mlJobs')}</h3>
    {of.length === 0 && <Empty>{t('work.noMlJobs')}</Empty>}
    <ol class="timeline">
      {of.map((job) => (
        <li key={job.id}>
          <div>
            <State of={job.status} /> {named('mlKinds', job.kind)}, {job.model},{' '}
            {t('work.attempt', { number: count(job.attempt_no) })}
          </div>
          <div class="quiet">
            {t('work.planned')} <Time at={job.planned_at} />
            {job.finished_at && (
              <>
                , {t('work.ended')} <Time at={job.finished_at} />
              </>
            )}
          </div>
          {job.error && <div class="warning">{translated(job.error)}</div>}
        </li>
      ))}
    </ol>
  </>
)
