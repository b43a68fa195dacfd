import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'
import { drawLink } from './draw.ts'

/**
 * What the platforms' hosts of pictures are, on the world's clock: `/{host}/{path}` is a drawn JPEG, the same for the same link
 * whatever its signature, until the time that the link names (Instagram media, TikTok media, as recorded).
 */
export function openPictures({ now }: { readonly now: () => Date }): Promise<Simulator> {
  const answer = (request: SimRequest): SimAnswer => {
    if (!(now() < endOf(request)))
      return { status: 403, body: 'URL signature expired', headers: { 'content-type': 'text/plain' } }
    const body = request.method === 'HEAD' ? '' : drawLink(request.path.slice(1))
    return { status: 200, body, headers: { 'content-type': 'image/jpeg' } }
  }
  return openSimulator({ answer, named: {} })
}

function endOf({ query }: SimRequest): Date {
  const [instagram, tiktok] = [query.get('oe'), query.get('x-expires')]
  if (instagram !== null) return new Date(Number.parseInt(instagram, 16) * 1_000)
  return tiktok === null ? new Date(8.64e15) : new Date(Number(tiktok) * 1_000)
}
