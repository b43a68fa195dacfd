import pMap from 'p-map'
import { TerminalError } from '../../errors.ts'
import type { FetchPicture } from '../../media/fetch-picture.ts'
import { instructions } from '../prompt.ts'
import type { MlRequest } from '../provider.ts'
import type { Line } from './service.ts'

/** Lines come back in any order and without numbers: each is known by this in its text. */
const mark = (key: string) => `[item ${key}]`
const markPattern = /\[item ([\w-]+)\]/

/** Of all pictures of a run, so that they fit into the memory of a function, also as they come back. */
const mostPictureBytes = 8_000_000

/** Fewer pictures than texts make a run, since they are large. */
export const leastPictures = 20

/** A line for each request; `onFailed` gets pictures that cannot be fetched; those for which there is no room are left out. */
export async function linesOf(
  fetchPicture: FetchPicture,
  requests: readonly MlRequest[],
  signal: AbortSignal,
  onFailed: (request: MlRequest, reason: unknown) => void,
): Promise<Map<MlRequest, string>> {
  const lines = new Map<MlRequest, string>()
  let bytes = 0
  const add = async (request: MlRequest) => {
    const text = `${instructions(request.kind)} ${mark(request.key)}`
    const [medium] = request.input.media ?? []
    if (!medium) {
      const shown = { role: 'user', text: request.input.text ?? '' }
      lines.set(request, JSON.stringify({ request: [{ role: 'system', text }, shown] }))
      return
    }
    if (bytes >= mostPictureBytes) return
    const picture = await fetchPicture(medium.url, signal)
    if (picture.type !== 'image/jpeg' && picture.type !== 'image/png')
      throw new TerminalError(`batch inference takes no ${picture.type}`, { reason: 'no_picture' })
    if (bytes + picture.bytes.length > mostPictureBytes) return
    bytes += picture.bytes.length
    const image = { type: 'image', image: picture.bytes.toString('base64') }
    const content = [{ type: 'text', text }, image]
    lines.set(request, JSON.stringify({ request: [{ role: 'user', content }] }))
  }
  await pMap(requests, (request) => add(request).catch((error: unknown) => onFailed(request, error)), {
    concurrency: 2,
  })
  return lines
}

/** What the model said to each item. */
export const byKey = (lines: readonly Line[]): ReadonlyMap<string, string> =>
  new Map(
    lines.flatMap(({ shown, response }) => {
      const key = shown.map((text) => markPattern.exec(text)?.[1]).find((one) => one !== undefined)
      return key === undefined ? [] : [[key, response] as const]
    }),
  )
