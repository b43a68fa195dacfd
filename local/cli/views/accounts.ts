import type * as z from 'zod'
import type { AccountView } from '#functions/sync/api/account.ts'
import type { LineResult } from '#functions/sync/api/follow.ts'
import { columns, number } from '../../view/frame.ts'
import { count, day, head, nameOf } from './text.ts'

export type Account = z.output<typeof AccountView>

const followersOf = ({ followers, seen_at }: Account) => (seen_at === null ? 'not read' : count(followers))

export const accountsText = (accounts: readonly Account[]) =>
  columns(
    [
      head([
        ...[
          'id',
          'platform',
          'account',
          'client',
          'status',
          'posts',
          'followers',
          'seen (UTC)',
          'last sync',
          '',
        ],
      ]),
      ...accounts.map((account) => [
        ...[
          account.id,
          account.platform,
          nameOf(account),
          account.client ?? '',
          account.status,
          number(account.posts),
        ],
        followersOf(account),
        ...[day(account.seen_at), account.last_sync ?? 'none', account.status_reason ?? ''],
      ]),
    ],
    [5, 6],
  )

type Line = z.output<typeof LineResult>

/** What became of a list: how many, and each line that was refused, by its place. */
export function followedText(
  results: readonly Line[],
  lines: readonly { readonly handle: string }[],
): string {
  const counts = Object.entries(Object.groupBy(results, ({ status }) => status))
  const summary = counts.map(([status, ones]) => `${number(ones.length)} ${status}`).join(', ')
  const refused = results.filter(({ status }) => status === 'refused')
  if (refused.length === 0) return `  ${summary}`
  const rows = refused.map(({ index, problem }) => [
    String(index + 1),
    lines[index]?.handle ?? '',
    problem?.errors?.map(({ message }) => message).join('; ') ?? problem?.detail ?? '',
  ])
  return `${columns([head(['#', 'account', 'refused because']), ...rows], [0])}\n\n  ${summary}`
}
