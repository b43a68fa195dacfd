import { useState } from 'preact/hooks'
import { nameOf } from './accounts.tsx'
import { Charts } from './chart.tsx'
import { named, t, translated } from './language.ts'
import { count } from './measures.tsx'
import { Owners } from './owners.tsx'
import { Paged } from './paged.tsx'
import { Act, Card, Empty, Heading, Shown, State, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import { isRhythm, RhythmOptions } from './rhythms.tsx'
import { Timeline } from './timeline.tsx'
import type { Account, History, Post } from './types.ts'
import { useApi } from './use-api.ts'

/** One account: its state, the history of its numbers, its syncs, its posts. */
export function AccountPage({ id }: { readonly id: string }) {
  const asked = useApi<Account>(`/v1/accounts/${id}`, 5_000)
  const history = useApi<History>(`/v1/accounts/${id}/metrics`, 30_000)
  const account = asked.data
  return (
    <>
      <Heading
        text={account ? nameOf(account) : t('account.titleNo', { id })}
        aside={account?.display_name}
      />
      <Shown of={asked}>{(data) => <Facts account={data} again={asked.again} />}</Shown>
      <p>
        <a href={`#/accounts/${id}`}>{t('account.numbers')}</a>
      </p>
      <Charts of={history} names={['followers', 'views', 'posts']} />
      <Timeline accountId={id} />
      <Posts accountId={id} />
    </>
  )
}

function Facts({ account, again }: { readonly account: Account; readonly again: () => void }) {
  return (
    <Card title={titleOf(account.platform)} aside={<State of={account.status} />}>
      {account.status_reason && <p class="warning">{translated(account.status_reason)}</p>}
      <dl>
        <dt>{t('account.for')}</dt>
        <dd>
          <Owners account={account} again={again} />
        </dd>
        <dt>{t('account.readBy')}</dt>
        <dd>{named('ways', account.access_mode)}</dd>
        <dt>{t('account.every')}</dt>
        <dd>
          <Rhythm account={account} again={again} />
        </dd>
        <dt>{t('account.profileSeen')}</dt>
        <dd>
          <Time at={account.seen_at} />
        </dd>
        <dt>{t('account.next')}</dt>
        <dd>
          <Time at={account.next_sync_at} />
        </dd>
      </dl>
      <Help account={account} />
      <div class="actions">
        <Deeds account={account} again={again} />
      </div>
    </Card>
  )
}

/** What would mend what is wrong with it. */
function Help({ account }: { readonly account: Account }) {
  if (account.status === 'reauth_required')
    return (
      <p>
        <a class="button main" href={`#/connect?account=${account.id}`}>
          {t('work.reconnect')}
        </a>
      </p>
    )
  if (account.status === 'missing') return <p>{t('account.isNameRight')}</p>
  if (account.failures > 1)
    return <p class="warning">{t('account.failedOften', { number: count(account.failures) })}</p>
  return null
}

function Deeds({ account, again }: { readonly account: Account; readonly again: () => void }) {
  const isPaused = account.status === 'paused'
  if (account.status === 'unfollowed') return <FollowAgain account={account} again={again} />
  return (
    <>
      <SyncNow account={account} mode="incremental">
        {t('account.syncNow')}
      </SyncNow>
      <SyncNow account={account} mode="full">
        {t('account.syncEvery')}
      </SyncNow>
      {['active', 'missing', 'paused'].includes(account.status) && (
        <Act method="PATCH" path={`/v1/accounts/${account.id}`} body={{ paused: !isPaused }} onDone={again}>
          {isPaused ? t('account.goOn') : t('account.pause')}
        </Act>
      )}
      <Act method="POST" path={`/v1/accounts/${account.id}/unfollow`} onDone={again}>
        {t('account.unfollow')}
      </Act>
      <Erase account={account} />
    </>
  )
}

const FollowAgain = ({ account, again }: { readonly account: Account; readonly again: () => void }) => (
  <>
    <Act method="POST" path={`/v1/accounts/${account.id}/follow`} kind="main" onDone={again}>
      {t('account.followAgain')}
    </Act>
    <Erase account={account} />
  </>
)

/** For good; an account whose owner asked for it is never admitted again. */
function Erase({ account }: { readonly account: Account }) {
  const [isOwners, setOwners] = useState(false)
  return (
    <>
      <Act
        method="DELETE"
        path={`/v1/accounts/${account.id}${isOwners ? '?requested_by=owner' : ''}`}
        confirm={t('account.eraseAsk', { name: nameOf(account) })}
        onDone={() => {
          location.hash = '#/followed'
        }}
      >
        {t('account.erase')}
      </Act>
      <label>
        <input
          type="checkbox"
          checked={isOwners}
          onChange={(event) => setOwners(event.currentTarget.checked)}
        />{' '}
        {t('account.ownersRequest')}
      </label>
    </>
  )
}

function SyncNow(props: {
  readonly account: Account
  readonly mode: 'incremental' | 'full'
  readonly children: string
}) {
  return (
    <Act
      method="POST"
      path="/v1/syncs"
      kind={props.mode === 'full' ? 'plain' : 'main'}
      body={{ account_id: props.account.id, mode: props.mode }}
      onDone={({ id }: { readonly id: string }) => {
        location.hash = `#/syncs/${id}`
      }}
    >
      {props.children}
    </Act>
  )
}

/** How often it is synced; one that was set elsewhere is among the choices. */
function Rhythm({ account, again }: { readonly account: Account; readonly again: () => void }) {
  const now = account.sync_every_minutes
  const [minutes, setMinutes] = useState(now)
  const known = isRhythm(now)
  return (
    <>
      <select
        aria-label={t('account.syncedEvery')}
        value={minutes}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      >
        {!known && <option value={now}>{t('account.minutes', { count: now })}</option>}
        <RhythmOptions />
      </select>
      {minutes !== now && (
        <Act
          method="PATCH"
          path={`/v1/accounts/${account.id}`}
          body={{ sync_every_minutes: minutes }}
          onDone={again}
        >
          {t('account.save')}
        </Act>
      )}
    </>
  )
}

const Posts = ({ accountId }: { readonly accountId: string }) => (
  <Card title={t('shell.posts')}>
    <Paged<Post> path={`/v1/accounts/${accountId}/posts`} query={{ limit: '20' }} everyMs={0}>
      {(items) => (items.length === 0 ? <Empty>{t('account.noPost')}</Empty> : <PostTable items={items} />)}
    </Paged>
  </Card>
)

const PostTable = ({ items }: { readonly items: readonly Post[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">{t('account.post')}</th>
        <th scope="col">{t('numbers.kind')}</th>
        <th scope="col" class="number">
          {t('numbers.views')}
        </th>
        <th scope="col" class="number">
          {t('numbers.likes')}
        </th>
        <th scope="col">{t('numbers.published')}</th>
      </tr>
    </thead>
    <tbody>
      {items.map((post) => (
        <tr key={post.id}>
          <td data-label={t('account.post')}>
            <a class="line" href={`#/posts/${post.id}`}>
              {post.title || post.body || post.native_id}
            </a>{' '}
            {post.status !== 'present' && <State of={post.status} />}
          </td>
          <td data-label={t('numbers.kind')}>{named('kinds', post.class)}</td>
          <td data-label={t('numbers.views')} class="number">
            {count(post.views)}
          </td>
          <td data-label={t('numbers.likes')} class="number">
            {count(post.likes)}
          </td>
          <td data-label={t('numbers.published')}>
            <Time at={post.published_at} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
