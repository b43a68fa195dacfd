import type * as z from 'zod'
import type { AccountLine } from '#shared/db/views/account-list.ts'
import { type AccountView, Status } from './api/account.ts'

export const accountView = ({
  next_sync_at,
  seen_at,
  status,
  tags,
  ...line
}: AccountLine): z.input<typeof AccountView> => ({
  ...line,
  tags: [...tags],
  status: Status.parse(status),
  next_sync_at: next_sync_at?.toISOString() ?? null,
  seen_at: seen_at?.toISOString() ?? null,
})
