import { useQuery } from './address.ts'
import { RangePicker, rangeIn } from './days.tsx'
import { t } from './language.ts'
import { shareOf } from './measures.tsx'
import { BrandChoice, Choice, ClientChoice } from './narrow.tsx'
import { Paged } from './paged.tsx'
import { Card, Empty, Heading, Time } from './parts.tsx'
import { Picture } from './picture.tsx'
import { titleOf } from './platforms.ts'
import type { Mention } from './types.ts'

const sources = [
  ['text', t('people.inText')],
  ['handle', t('people.byHandle')],
  ['dictionary', t('people.byBareHandle')],
  ['ml_text', t('people.byTextModel')],
  ['ml_image', t('people.inPicture')],
] as const

/** Who mentions a brand, with the picture and the words. */
export function MentionsPage() {
  const [query, change] = useQuery()
  const { brand, source, own, client } = query
  return (
    <>
      <Heading text={t('shell.mentions')} aside={brand} />
      <search class="actions">
        <BrandChoice query={query} change={change} all={t('people.chooseOne')} />
        <RangePicker query={query} change={change} />
        <Choice
          name="source"
          label={t('people.where')}
          all={t('people.anywhere')}
          query={query}
          change={change}
        >
          {sources.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Choice>
        <ClientChoice query={query} change={change} />
        <label>
          <input
            type="checkbox"
            checked={own === 'true'}
            onChange={(event) => change({ own: event.currentTarget.checked ? 'true' : '' })}
          />{' '}
          {t('people.ownToo')}
        </label>
      </search>
      {brand ? (
        <Mentions
          query={{
            ...{ ...rangeIn(query), brand },
            ...(source ? { source } : {}),
            ...(own ? { own } : {}),
            ...(client ? { client } : {}),
          }}
          limit={20}
        />
      ) : (
        <Empty>{t('people.chooseBrand')}</Empty>
      )}
    </>
  )
}

/** Posts that mention a brand, the newest first. */
export const Mentions = (props: {
  readonly query: Readonly<Record<string, string>>
  readonly limit: number
}) => (
  <Card title={t('people.whoMentions')}>
    <Paged<Mention>
      key={JSON.stringify(props.query)}
      path="/v1/report/mentions"
      query={{ ...props.query, limit: String(props.limit) }}
      everyMs={0}
    >
      {(items) =>
        items.length === 0 ? (
          <Empty>{t('people.noMentions')}</Empty>
        ) : (
          <ol class="posts">
            {items.map((mention) => (
              <MentionCard key={mention.id} mention={mention} />
            ))}
          </ol>
        )
      }
    </Paged>
  </Card>
)

/** How a brand was found, in words. */
export function foundAs(source: string, seenAs: readonly string[]): string[] {
  if (source !== 'ml_image') return sources.flatMap(([name, said]) => (name === source ? [said] : []))
  return seenAs.map((one) => (one === 'logo' ? t('people.asLogo') : t('people.asWords')))
}

const MentionCard = ({ mention }: { readonly mention: Mention }) => (
  <li>
    <Picture src={mention.picture} alt={t('people.picture')} kind="thumbnail" />
    <div>
      <div>
        <a href={`#/accounts/${mention.account_id}`}>@{mention.account}</a>{' '}
        <span class="quiet">
          {titleOf(mention.platform)}, <Time at={mention.published_at} />
          {mention.is_own && `, ${t('people.own')}`}
        </span>
      </div>
      <a class="line" href={`#/posts/${mention.id}`}>
        {mention.text || t('people.untitled')}
      </a>
      <div>
        {mention.sources
          .flatMap((source) => foundAs(source, mention.seen_as))
          .map((said) => (
            <span key={said} class="chip">
              {said}
            </span>
          ))}
        {mention.evidence.map((words) => (
          <q key={words} class="chip plain">
            {words}
          </q>
        ))}
        {mention.score !== null && (
          <span class="quiet">{t('people.sure', { share: shareOf(mention.score) })}</span>
        )}
      </div>
    </div>
  </li>
)
