import { Charts } from './chart.tsx'
import { language, named, t } from './language.ts'
import { count, shareOf } from './measures.tsx'
import { foundAs } from './mentions.tsx'
import { Card, Heading, Shown, State, Time } from './parts.tsx'
import { Picture } from './picture.tsx'
import { titleOf } from './platforms.ts'
import { Provenance } from './provenance.tsx'
import { Result } from './result.tsx'
import type { History, WholePost } from './types.ts'
import { useApi } from './use-api.ts'

/** One post: its picture and words, what was found in it, its numbers over time; machinery when it is asked for. */
export function PostPage({ id }: { readonly id: string }) {
  const post = useApi<WholePost>(`/v1/posts/${id}`)
  const history = useApi<History>(`/v1/posts/${id}/metrics`)
  return (
    <>
      <Heading
        text={post.data?.title || t('people.postOf', { name: post.data ? `@${post.data.account}` : id })}
      />
      <Shown of={post}>{(data) => <Seen post={data} />}</Shown>
      <Charts of={history} names={['views', 'likes', 'comments', 'shares', 'saves']} />
      {post.data && <Answers of={post.data.annotations} />}
      <Provenance postId={id} />
    </>
  )
}

function Seen({ post }: { readonly post: WholePost }) {
  const { permalink } = post
  return (
    <Card
      title={`${titleOf(post.platform)}, ${named('kinds', post.class)}`}
      aside={post.status === 'present' ? null : <State of={post.status} />}
    >
      <div class="post">
        <Pictures post={post} />
        <div>
          <p class="quiet">
            <a href={`#/accounts/${post.account_id}`}>@{post.account}</a>, {t('people.publishedAt')}{' '}
            <Time at={post.published_at} />, {t('people.seenAt')} <Time at={post.observed_at} />
            {permalink?.startsWith('https://') && (
              <>
                {', '}
                <a href={permalink} rel="noopener noreferrer" target="_blank">
                  {t('people.openOn', { platform: titleOf(post.platform) })}
                </a>
              </>
            )}
          </p>
          <dl class="facts">
            {(['views', 'likes', 'comments', 'shares', 'saves'] as const).map((name) => (
              <div key={name}>
                <dt>{t(`numbers.${name}`)}</dt>
                <dd>{count(post[name])}</dd>
              </div>
            ))}
          </dl>
          {post.body && <p class="text">{post.body}</p>}
          <Found post={post} />
        </div>
      </div>
    </Card>
  )
}

const Pictures = ({ post }: { readonly post: WholePost }) => {
  const [first, ...others] = post.pictures
  return (
    <div class="pictures">
      <Picture src={first} alt={t('people.picture')} kind="large" />
      {others.map((src) => (
        <Picture key={src} src={src} alt={t('people.picture')} kind="thumbnail" />
      ))}
    </div>
  )
}

/** From where on a text is called good or bad. */
const leastMood = 0.15

function moodOf(value: number): string {
  const shown = value.toLocaleString(language, { maximumFractionDigits: 2, signDisplay: 'exceptZero' })
  if (value > leastMood) return t('people.moodGood', { value: shown })
  return value < -leastMood ? t('people.moodBad', { value: shown }) : t('people.moodEven', { value: shown })
}

/** What was found in it, as chips. */
const Found = ({ post }: { readonly post: WholePost }) => (
  <dl>
    {post.named.length > 0 && (
      <>
        <dt>{t('people.brandsNamed')}</dt>
        <dd>
          {[...Map.groupBy(post.named, ({ brand }) => brand)].map(([brand, ways]) => (
            <span key={brand} class="chip">
              <a href={`#/mentions?brand=${encodeURIComponent(brand)}`}>{brand}</a>{' '}
              <span class="quiet">
                {[
                  ...new Set(
                    ways.flatMap(({ source, seen_as }) => foundAs(source, seen_as ? [seen_as] : [])),
                  ),
                ].join(', ')}
              </span>
            </span>
          ))}
        </dd>
      </>
    )}
    <Chips title={t('people.labels')} of={post.labels.map(({ name, score }) => [name, score] as const)} />
    <Chips title={t('people.wordsInPicture')} of={post.words.map((words) => [words, null] as const)} />
    <Chips title={t('people.hashtags')} of={post.hashtags.map((tag) => [`#${tag}`, null] as const)} />
    <Chips title={t('people.handles')} of={post.mentions.map((handle) => [`@${handle}`, null] as const)} />
    {post.sentiment !== null && (
      <>
        <dt>{t('people.mood')}</dt>
        <dd>{moodOf(post.sentiment)}</dd>
      </>
    )}
    {post.nsfw !== null && (
      <>
        <dt>{t('people.unsafe')}</dt>
        <dd>{shareOf(post.nsfw)}</dd>
      </>
    )}
  </dl>
)

const Chips = (props: {
  readonly title: string
  readonly of: readonly (readonly [name: string, score: number | null])[]
}) =>
  props.of.length === 0 ? null : (
    <>
      <dt>{props.title}</dt>
      <dd>
        {props.of.map(([name, score]) => (
          <span key={name} class="chip">
            {name} {score !== null && <span class="quiet">{shareOf(score)}</span>}
          </span>
        ))}
      </dd>
    </>
  )

/** The results as the models gave them, when a person asks. */
const Answers = ({ of }: { readonly of: WholePost['annotations'] }) =>
  of.length === 0 ? null : (
    <details class="card">
      <summary>{t('people.modelAnswers')}</summary>
      {of.map(({ kind, model, model_version, result }) => (
        <section key={`${kind} ${model} ${model_version}`}>
          <h3>{t('people.answerOf', { kind: named('mlKinds', kind), model: model_version })}</h3>
          <Result of={result} />
        </section>
      ))}
    </details>
  )
