import * as z from 'zod'
import { waitOf } from '#shared/db/operations/sync-jobs.ts'
import { type PictureLink, pictureLinks } from '#shared/db/views/picture-links.ts'
import type { HttpEvent } from '#shared/http/http-event.ts'
import { Problem, respond } from '#shared/http/problem.ts'
import { isOurs } from '#shared/media/address.ts'
import { pause } from '#shared/within.ts'
import { askForLinks } from '../ask-for-links.ts'
import { isOfPlatform, leadTo } from '../pictures.ts'
import type { CallContext, Route } from './route.ts'

/**
 * How long a caller waits for a link to be read again, and how often it is looked for meanwhile: few calls are served at once, so
 * that a longer wait is the caller's.
 */
const waitMs = 3_000
const lookMs = 400

const hourS = 3_600

const gone = (message: string) => new Problem(410, 'gone', message)

/**
 * The address of a picture that an ML provider is given: it leads to a link of the platform that works now. When none does any
 * more, the account is read again, within its quota, while the caller waits. 410: the picture is gone, or the time of the
 * address is over. Nothing of the picture is kept here.
 */
export const pictureRoute: Route = {
  method: 'GET',
  path: '/media/{key}',
  summary: 'A picture for an ML provider, by an address that was signed for it',
  scope: 'open',
  status: 302,
  schemas: { answer: z.object({}) },
  handle: async (event, context) => {
    const link = await findLink(context, readAddress(event, context))
    return respond(
      302,
      {},
      { location: leadTo(link.url, context.settings), 'cache-control': 'private, max-age=60' },
    )
  },
}

interface Address {
  readonly key: string
  readonly until: Date
}

/** What the address is of, and how long it is good. Throws a Problem for one that we did not give out. */
function readAddress(event: HttpEvent, { settings }: CallContext): Address {
  const key = event.pathParameters?.['key'] ?? ''
  const { until = '', sig = '' } = event.queryStringParameters ?? {}
  const { media } = settings
  if (!media || !/^[0-9a-f]{32}$/.test(key) || !isOurs(media.key, key, until, sig))
    throw new Problem(404, 'not_found', 'there is nothing at this address')
  return { key, until: new Date(Number(until) * 1_000) }
}

async function findLink(context: CallContext, address: Address): Promise<PictureLink> {
  const { fresh, renewed } = await look(context, address)
  if (fresh) return fresh
  // Its account is not read at this moment, or no job is about the picture any more.
  if (!renewed) throw later(6 * hourS)
  if (await askForLinks(context, renewed)) return await waitForLink(context, address, renewed.account_id)
  // It was read of late: perhaps since the first look.
  const brought = await look(context, address)
  if (brought.fresh) return brought.fresh
  throw later(hourS)
}

/** Looks again while the account is read, for a while. */
async function waitForLink(context: CallContext, address: Address, accountId: string): Promise<PictureLink> {
  const since = performance.now()
  for (;;) {
    const waitS = (await waitOf(context.db, accountId)) ?? 0
    if (waitS * 1_000 > waitMs) throw later(Math.ceil(waitS))
    if (performance.now() - since > waitMs || context.signal.aborted) throw later(15)
    await pause(lookMs, context.signal)
    const { fresh } = await look(context, address)
    if (fresh) return fresh
  }
}

/** A link that works, and one whose account can be read for another. Throws a Problem when the picture is gone. */
async function look(context: CallContext, { key, until }: Address) {
  const links = (await pictureLinks(context.db, key, until)).filter(({ url, platform }) =>
    isOfPlatform(url, platform, context.settings),
  )
  const fresh = links.find((link) => link.is_fresh)
  const there = links.filter((link) => link.is_there)
  if (!fresh && there.length === 0) throw gone('this picture is gone, or the time of its address is over')
  return { fresh, renewed: there.find((link) => link.is_renewed) }
}

const later = (seconds: number) =>
  new Problem(503, 'unavailable', 'the platform has given no link that works: try again later', [], {
    'retry-after': String(seconds),
  })
