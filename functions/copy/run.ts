import { createHash, randomUUID } from 'node:crypto'
import pMap from 'p-map'
import type { Db } from '#shared/db/pool.ts'
import { recognisePicture } from '#shared/db/tables/known-pictures.ts'
import {
  nameObject,
  saveCopied,
  saveUncopied,
  type TakenCopy,
  takeWanted,
} from '#shared/db/tables/media-copies.ts'
import { messageOf, RetryableError, Stopped, TerminalError } from '#shared/errors.ts'
import { backoffMs } from '#shared/http/backoff.ts'
import type { Bucket } from '#shared/media/bucket.ts'
import { type FetchPicture, isPictures } from '#shared/media/fetch-picture.ts'
import { looksOf } from '#shared/media/looks.ts'
import type { Logger } from '#shared/telemetry/logger.ts'

/** All that copying pictures takes, put together once. */
export interface CopyDeps {
  readonly db: Db
  readonly log: Logger
  readonly random: () => number
  readonly bucket: Bucket
  readonly fetchPicture: FetchPicture
  /** Whether pictures that look the same are recognised too. */
  readonly byLooks: boolean
}

/** Pictures in memory at once are four, of ten megabytes at most each. */
const batch = 20
const inFlight = 4
const mostAttempts = 8

/**
 * Copies wanted pictures into the bucket while their links live, batch after batch, until none is due or the signal aborts. A process
 * that dies leaves them to the next call. Returns how many were copied.
 */
export async function runCopy(deps: CopyDeps, signal: AbortSignal): Promise<number> {
  let copied = 0
  while (!signal.aborted) {
    const taken = await takeWanted(deps.db, batch)
    if (taken.length === 0) break
    const done = await pMap(taken, (one) => copyOne(deps, one, signal), { concurrency: inFlight })
    copied += done.filter((outcome) => outcome === 'copied').length
    // The bucket is in trouble, or there is no time left: the next call goes on.
    if (done.includes('over')) break
  }
  return copied
}

type Outcome = 'copied' | 'known' | 'later' | 'over'

async function copyOne(deps: CopyDeps, taken: TakenCopy, signal: AbortSignal): Promise<Outcome> {
  const { db, bucket, fetchPicture } = deps
  const { content_key, url, attempts } = taken
  try {
    if (url === null) throw new TerminalError('no post shows it', { reason: 'picture_gone' })
    // Its own tries end sooner: one that is here so often has ended the process.
    if (attempts > mostAttempts + 2)
      throw new TerminalError('copying it never ended', { reason: 'no_picture' })
    if (signal.aborted) throw new Stopped('there was no time left')
    const picture = await fetchPicture(url, signal)
    const sha256 = createHash('sha256').update(picture.bytes).digest()
    const looks = deps.byLooks ? looksOf(picture) : null
    if (await recognisePicture(db, content_key, { sha256, looks })) return 'known'
    // Of its own each time it is wanted: what removes an older one late does not remove this one.
    const object = await nameObject(db, content_key, `pictures/${content_key}/${randomUUID()}`)
    if (object === undefined) return 'later'
    await bucket.put(object, picture)
    await saveCopied(db, content_key, picture.bytes.length)
    return 'copied'
  } catch (error) {
    return uncopied(deps, taken, error)
  }
}

/** Another try, unless there is no sense in it: the bucket's trouble and the end of a call are not the picture's. */
async function uncopied(
  { db, log, random }: CopyDeps,
  { content_key, attempts }: TakenCopy,
  error: unknown,
): Promise<Outcome> {
  const isStopped = error instanceof Stopped
  if (!(error instanceof RetryableError) && !isStopped && !isPictures(error)) throw error
  const isOwn =
    !isStopped && (isPictures(error) || (error instanceof RetryableError && error.reason === 'picture'))
  const isAway = !isStopped && !isOwn
  if (isAway) log.warn({ error }, 'a picture could not be put into the bucket')
  const isOver = isPictures(error) || (isOwn && attempts >= mostAttempts)
  const ownMs = isOwn ? backoffMs(attempts, 60_000, 6 * 3_600_000, random()) : isAway ? 60_000 : 0
  const afterMs = isOver ? null : ownMs
  await saveUncopied(db, content_key, { error: messageOf(error), afterMs, counts: isOwn })
  return isAway || isStopped ? 'over' : 'later'
}
