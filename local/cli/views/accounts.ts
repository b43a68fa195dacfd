import type * as z from 'zod'
import type { AccountView } from '#functions/sync/api/account.ts'
import { columns, number } from '../../view/frame.ts'
import { count, day, head, nameOf } from './text.ts'

export type Account = z.output<typeof AccountView>

const followersOf = ({ followers, seen_at }: Account) => (seen_at === null ? 'not read' : count(followers))

export const accountsText = (accounts: readonly Account[]) =>
  columns(
    [
      head(['id', 'platform', 'account', 'status', 'posts', 'followers', 'seen (UTC)', 'last sync', '']),
      ...accounts.map((account) => [
        ...[account.id, account.platform, nameOf(account), account.status, number(account.posts)],
        followersOf(account),
        ...[day(account.seen_at), account.last_sync ?? 'none', account.status_reason ?? ''],
      ]),
    ],
    [4, 5],
  )
