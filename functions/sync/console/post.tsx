import { Charts } from './chart.tsx'
import { PageBody } from './page-body.tsx'
import { Card, count, Empty, Heading, Shown, State, Time } from './parts.tsx'
import { Result } from './result.tsx'
import type { History, WholePost, Why } from './types.ts'
import { useApi } from './use-api.ts'

/** One post: what it says, its numbers over time, what ML found, and why it is what it is. */
export function PostPage({ id }: { readonly id: string }) {
  const post = useApi<WholePost>(`/v1/posts/${id}`)
  const history = useApi<History>(`/v1/posts/${id}/metrics`)
  const why = useApi<Why>(`/v1/posts/${id}/why`)
  return (
    <>
      <Heading text={post.data?.title || `Post ${post.data?.native_id ?? id}`} />
      <Shown of={post}>{(data) => <Text post={data} />}</Shown>
      <Charts of={history} names={['views', 'likes', 'comments']} />
      <Card title="Why it is so">
        <Shown of={why}>{(data) => <Provenance why={data} />}</Shown>
      </Card>
    </>
  )
}

const brandSources: Readonly<Record<string, string>> = {
  caption: 'in its text',
  picture: 'in a picture',
  model: 'by a model',
}

function Text({ post }: { readonly post: WholePost }) {
  return (
    <Card title={`${post.platform}, ${post.class.replaceAll('_', ' ')}`} aside={<State of={post.status} />}>
      <p class="quiet">
        <a href={`#/accounts/${post.account_id}`}>Its account</a>, published <Time at={post.published_at} />,
        seen <Time at={post.observed_at} />
        {post.permalink?.startsWith('https://') && (
          <>
            {', '}
            <a href={post.permalink} rel="noopener noreferrer" target="_blank">
              on the platform
            </a>
          </>
        )}
      </p>
      {post.body && <p class="text">{post.body}</p>}
      <p>
        {post.hashtags.map((tag) => (
          <span key={tag} class="tag">
            #{tag}
          </span>
        ))}
        {post.mentions.map((handle) => (
          <span key={handle} class="tag">
            @{handle}
          </span>
        ))}
      </p>
      {post.brands.length > 0 && (
        <p>
          Brands:{' '}
          {post.brands.map(({ name, source }) => (
            <span key={`${name} ${source}`} class="tag">
              {name} <span class="quiet">({brandSources[source] ?? source})</span>
            </span>
          ))}
        </p>
      )}
      {post.annotations.map(({ kind, model, model_version, result }) => (
        <section key={`${kind} ${model} ${model_version}`} aria-label={`ML of its ${kind}`}>
          <h3>
            ML of its {kind}{' '}
            <span class="quiet">
              {model}, {model_version}
            </span>
          </h3>
          <Result of={result} />
        </section>
      ))}
    </Card>
  )
}

function Provenance({ why }: { readonly why: Why }) {
  return (
    <>
      <h3>Answers of the platform</h3>
      {why.answers.length === 0 && <Empty>Their ledger lines are gone.</Empty>}
      <ol class="timeline">
        {why.answers.map((answer) => (
          <li key={answer.page_id}>
            <div>
              <Time at={answer.answered_at} /> {answer.endpoint}:{' '}
              {answer.recorded.length > 0 ? answer.recorded.join(' and ') : 'nothing new'}
            </div>
            <div class="quiet">
              {answer.syncs.map((sync) => (
                <a key={sync} href={`#/syncs/${sync}`}>
                  sync {sync}{' '}
                </a>
              ))}
              {answer.transform_version !== null && `rules ${answer.transform_version}`}
              {answer.trace_id && `, trace ${answer.trace_id}`}
            </div>
            {answer.has_body && <PageBody id={answer.page_id} />}
          </li>
        ))}
      </ol>
      <h3>ML jobs</h3>
      {why.ml_jobs.length === 0 && <Empty>None was planned for it.</Empty>}
      <ol class="timeline">
        {why.ml_jobs.map((job) => (
          <li key={job.id}>
            <div>
              <State of={job.status} /> {job.kind}, {job.model}
              {job.model_version && ` (${job.model_version})`}, attempt {count(job.attempt_no)}
            </div>
            <div class="quiet">
              planned <Time at={job.planned_at} />
              {job.finished_at && (
                <>
                  , ended <Time at={job.finished_at} />
                </>
              )}
            </div>
            {job.error && <div class="warning">{job.error}</div>}
          </li>
        ))}
      </ol>
    </>
  )
}
