import type { Post } from '#shared/alerts/post.ts'
import { noticeAlerts } from '#shared/db/operations/notice-alerts.ts'
import { type Db, isConnectionLost } from '#shared/db/pool.ts'
import {
  claimMessages,
  type DueMessage,
  markFailed,
  markSent,
  planMessages,
} from '#shared/db/tables/alert-messages.ts'
import { alertsNumbered } from '#shared/db/tables/alerts.ts'
import { wallClock } from '#shared/db/views/clock.ts'
import { standing } from '#shared/db/views/standing-alerts.ts'
import type { Finding } from '#shared/db/views/verify.ts'
import { messageOf, RetryableError, TerminalError } from '#shared/errors.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

export interface AlertDeps {
  readonly db: Db
  readonly log: Logger
  readonly post: Post
  /** Where the console is, for messages. undefined: the settings do not say. */
  readonly publicUrl: string | undefined
}

export interface Alerted {
  readonly fired: number
  readonly over: number
  /** Messages that the other side took. */
  readonly sent: number
}

/** Sent side by side. */
const atOnce = 10

/**
 * Notices what has gone wrong and what is over, and sends messages to the channels: one an hour for a cause at most. A message is counted
 * before it is sent, so that a call that dies sends it once more, by the same key.
 * @param findings what a check of all invariants found; null: none was made
 */
export async function alert(
  { db, log, post, publicUrl }: AlertDeps,
  findings: readonly Finding[] | null,
  signal: AbortSignal,
): Promise<Alerted> {
  const noticed = await db.transaction(async (tx) => {
    const found = await noticeAlerts(tx, standing, findings)
    await planMessages(tx)
    return found
  })
  let sent = 0
  while (!signal.aborted) {
    const due = await claimMessages(db, atOnce)
    if (due.length === 0) break
    const taken = await Promise.all(due.map((message) => send({ db, log, post, publicUrl }, message)))
    sent += taken.filter(Boolean).length
  }
  return { ...noticed, sent }
}

/** Whether the other side took it. A channel in trouble holds up no other. */
async function send({ db, log, post, publicUrl }: AlertDeps, message: DueMessage): Promise<boolean> {
  const { id, channel, key, cause, created_at: at } = message
  const alerts = await alertsNumbered(db, [...message.fired, ...message.over])
  const of = (ids: readonly string[]) => alerts.filter((one) => ids.includes(one.id))
  const [fired, over] = [of(message.fired), of(message.over)]
  const url = publicUrl && `${publicUrl.replace(/\/$/, '')}/#/alerts`
  try {
    // Nothing is sent about what was erased meanwhile.
    if (fired.length + over.length > 0) {
      const { tell } = await import('#shared/alerts/tell.ts')
      await tell(post, channel, { key, at, cause, fired, over, url }, await wallClock(db))
    }
    await markSent(db, id)
    return true
  } catch (error) {
    if (isConnectionLost(error)) throw error
    log.warn({ error, channel: channel.id }, 'a channel did not take its message')
    const afterMs = error instanceof RetryableError ? (error.afterMs ?? 0) : 0
    await markFailed(db, id, { error: messageOf(error), isInVain: error instanceof TerminalError, afterMs })
    return false
  }
}
