import * as z from 'zod'
import type { HttpAnswer } from '../../http/request.ts'
import type { Listing, PoolUsage } from '../platform.ts'
import { Media } from './resources.ts'

const Dated = z.object({ id: Media.shape.id, timestamp: Media.shape.timestamp })

/** A page of posts; `next` is the cursor to ask with, given by the caller, since the two edges end differently. */
export function listingOf(
  answer: HttpAnswer,
  media: readonly unknown[],
  next: string | null,
  usage: readonly PoolUsage[],
): Listing {
  return {
    body: answer.text,
    answeredAt: answer.answeredAt,
    usage,
    items: media
      .flatMap((item) => Dated.safeParse(item).data ?? [])
      .map(({ id, timestamp }) => ({ id, published_at: timestamp })),
    lookup: [],
    next,
  }
}
