import { named, t } from './language.ts'
import { BrandChoice, Choice, ClientChoice, type Narrowing, Search } from './narrow.tsx'
import { PlatformOptions } from './parts.tsx'

const states = [
  ...['active', 'paused', 'unfollowed', 'missing', 'reauth_required', 'private'],
  ...['suspended', 'closed', 'unsupported'],
]

const sorts = [
  ['handle', t('follow.byHandle')],
  ['name', t('follow.byName')],
  ['-followers', t('follow.mostFollowers')],
  ['followers', t('follow.fewestFollowers')],
  ['seen_at', t('follow.seenOldest')],
  ['-seen_at', t('follow.seenNewest')],
  ['next_sync_at', t('follow.nextSync')],
] as const

/** What a list of accounts is narrowed by. */
export const Filters = ({ query, change }: Narrowing) => (
  <search class="actions">
    <Search query={query} change={change} />
    <Choice name="platform" label={t('numbers.platform')} query={query} change={change}>
      <PlatformOptions />
    </Choice>
    <Choice name="state" label={t('follow.stateIs')} query={query} change={change}>
      {states.map((one) => (
        <option key={one} value={one}>
          {named('states', one)}
        </option>
      ))}
    </Choice>
    <ClientChoice query={query} change={change} />
    <BrandChoice query={query} change={change} />
    <label>
      <input
        type="checkbox"
        checked={query['late'] === 'true'}
        onChange={(event) => change({ late: event.currentTarget.checked ? 'true' : '' })}
      />{' '}
      {t('follow.lateOnly')}
    </label>
    <Choice
      name="sort"
      label={t('numbers.sortedBy')}
      all={t('follow.followedWhen')}
      query={query}
      change={change}
    >
      {sorts.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </Choice>
    {query['tag'] && (
      <button type="button" onClick={() => change({ tag: '' })}>
        {t('follow.tagIs', { tag: query['tag'] })} ×
      </button>
    )}
  </search>
)
