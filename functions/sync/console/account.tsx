import { useState } from 'preact/hooks'
import { nameOf } from './accounts.tsx'
import { Charts } from './chart.tsx'
import { Owners } from './owners.tsx'
import { Paged } from './paged.tsx'
import { Act, Card, count, Empty, Heading, Shown, State, Time } from './parts.tsx'
import { isRhythm, RhythmOptions } from './rhythms.tsx'
import { Timeline } from './timeline.tsx'
import type { Account, History, Post } from './types.ts'
import { useApi } from './use-api.ts'
import { inWords } from './words.ts'

/** One account: its state, the history of its numbers, its syncs, its posts. */
export function AccountPage({ id }: { readonly id: string }) {
  const asked = useApi<Account>(`/v1/accounts/${id}`, 5_000)
  const history = useApi<History>(`/v1/accounts/${id}/metrics`, 30_000)
  const account = asked.data
  return (
    <>
      <Heading text={account ? nameOf(account) : `Account ${id}`} aside={account?.display_name} />
      <Shown of={asked}>{(data) => <Facts account={data} again={asked.again} />}</Shown>
      <Charts of={history} names={['followers', 'views', 'posts']} />
      <Timeline accountId={id} />
      <Posts accountId={id} />
    </>
  )
}

function Facts({ account, again }: { readonly account: Account; readonly again: () => void }) {
  return (
    <Card title={account.platform} aside={<State of={account.status} />}>
      {account.status_reason && <p class="warning">{account.status_reason}</p>}
      <dl>
        <dt>For</dt>
        <dd>
          <Owners account={account} again={again} />
        </dd>
        <dt>Read by</dt>
        <dd>{inWords(account.access_mode)}</dd>
        <dt>Every</dt>
        <dd>
          <Rhythm account={account} again={again} />
        </dd>
        <dt>Profile seen</dt>
        <dd>
          <Time at={account.seen_at} />
        </dd>
        <dt>Next</dt>
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
          Reconnect
        </a>
      </p>
    )
  if (account.status === 'missing')
    return <p>Is its name right? If it is gone for good, unfollow it: it is looked for ever more rarely.</p>
  if (account.failures > 1)
    return (
      <p class="warning">
        Its last {account.failures} syncs failed or had something parked: its timer waits longer each time, up
        to a day, until one succeeds.
      </p>
    )
  return null
}

function Deeds({ account, again }: { readonly account: Account; readonly again: () => void }) {
  const isPaused = account.status === 'paused'
  if (account.status === 'unfollowed') return <FollowAgain account={account} again={again} />
  return (
    <>
      <SyncNow account={account} mode="incremental">
        Sync now
      </SyncNow>
      <SyncNow account={account} mode="full">
        Sync every post
      </SyncNow>
      {['active', 'missing', 'paused'].includes(account.status) && (
        <Act method="PATCH" path={`/v1/accounts/${account.id}`} body={{ paused: !isPaused }} onDone={again}>
          {isPaused ? 'Go on' : 'Pause'}
        </Act>
      )}
      <Act method="POST" path={`/v1/accounts/${account.id}/unfollow`} onDone={again}>
        Unfollow
      </Act>
      <Erase account={account} />
    </>
  )
}

const FollowAgain = ({ account, again }: { readonly account: Account; readonly again: () => void }) => (
  <>
    <Act method="POST" path={`/v1/accounts/${account.id}/follow`} kind="main" onDone={again}>
      Follow again
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
        confirm={`Erase ${nameOf(account)} with everything known of it, for good? To keep its rows, unfollow it instead.`}
        onDone={() => {
          location.hash = '#/accounts'
        }}
      >
        Erase
      </Act>
      <label>
        <input
          type="checkbox"
          checked={isOwners}
          onChange={(event) => setOwners(event.currentTarget.checked)}
        />{' '}
        at its owner's request
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
        aria-label="Synced every"
        value={minutes}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
      >
        {!known && <option value={now}>{count(now)} minutes</option>}
        <RhythmOptions />
      </select>
      {minutes !== now && (
        <Act
          method="PATCH"
          path={`/v1/accounts/${account.id}`}
          body={{ sync_every_minutes: minutes }}
          onDone={again}
        >
          Save
        </Act>
      )}
    </>
  )
}

const Posts = ({ accountId }: { readonly accountId: string }) => (
  <Card title="Posts">
    <Paged<Post> path={`/v1/accounts/${accountId}/posts`} query={{ limit: '20' }} everyMs={0}>
      {(items) =>
        items.length === 0 ? <Empty>No post is on record yet.</Empty> : <PostTable items={items} />
      }
    </Paged>
  </Card>
)

const PostTable = ({ items }: { readonly items: readonly Post[] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Post</th>
        <th scope="col">Kind</th>
        <th scope="col" class="number">
          Views
        </th>
        <th scope="col" class="number">
          Likes
        </th>
        <th scope="col">Published</th>
      </tr>
    </thead>
    <tbody>
      {items.map((post) => (
        <tr key={post.id}>
          <td data-label="Post">
            <a class="line" href={`#/posts/${post.id}`}>
              {post.title || post.body || post.native_id}
            </a>{' '}
            {post.status !== 'present' && <State of={post.status} />}
          </td>
          <td data-label="Kind">{post.class.replaceAll('_', ' ')}</td>
          <td data-label="Views" class="number">
            {count(post.views)}
          </td>
          <td data-label="Likes" class="number">
            {count(post.likes)}
          </td>
          <td data-label="Published">
            <Time at={post.published_at} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
