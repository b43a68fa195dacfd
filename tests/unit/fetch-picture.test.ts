import { expect, test } from 'vitest'
import { isPictures, pictureFetcher } from '#shared/media/fetch-picture.ts'
import { unstopped } from '../setup/signal.ts'

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0])
const to = (location: string) => new Response(null, { status: 302, headers: { location } })

/** Fetches from hosts of a platform and an origin of ours, by answers to these addresses; asked are those it went to. */
function open(answers: Readonly<Record<string, () => Response>>) {
  const asked: string[] = []
  const fetchPicture = pictureFetcher({
    hosts: ['cdninstagram.com'],
    origins: ['https://api.example.com'],
    fetch: async (url) => {
      asked.push(url)
      return answers[url]?.() ?? new Response('', { status: 404 })
    },
  })
  return { asked, get: (url: string) => fetchPicture(url, unstopped) }
}

const ours = 'https://api.example.com/media/1'
const theirs = 'https://scontent.cdninstagram.com/a.jpg'

test('a picture is fetched by way of our address from the host of the platform, and known by its bytes', async () => {
  const { get, asked } = open({ [ours]: () => to(theirs), [theirs]: () => new Response(jpeg) })
  expect(await get(ours)).toEqual({ bytes: jpeg, type: 'image/jpeg' })
  expect(asked).toEqual([ours, theirs])
})

test.for([
  'http://scontent.cdninstagram.com/a.jpg',
  'https://cdninstagram.com.evil.example/a.jpg',
  'https://evilcdninstagram.com/a.jpg',
  'https://scontent.cdninstagram.com:8443/a.jpg',
  'https://169.254.169.254/latest/meta-data',
  'https://[::1]/a.jpg',
  'http://localhost:5432/',
  'file:///etc/passwd',
  '//10.0.0.1/a.jpg',
  'https://',
])('an address that is not of the platform is never called: %s', async (url) => {
  const { get, asked } = open({ [ours]: () => to(url) })
  await expect(get(ours)).rejects.toMatchObject({ reason: 'no_picture' })
  expect(asked).toEqual([ours])
})

test.for([
  ['too many redirects', () => to(theirs), 'no_picture', true],
  ['a page in place of a picture', () => new Response('<html>'), 'no_picture', true],
  ['more than 10 MB', () => new Response(Buffer.alloc(10_000_001, 0xff)), 'no_picture', true],
  ['gone', () => new Response('', { status: 410 }), 'picture_gone', true],
  ['a dead link', () => new Response('', { status: 403 }), 'picture', false],
  ['later', () => new Response('', { status: 503, headers: { 'retry-after': '90' } }), 'picture', false],
] as const)('%s is a verdict on this picture alone', async ([, answer, reason, isFinal]) => {
  const { get } = open({ [theirs]: answer })
  const error = await get(theirs).catch((one: unknown) => one)
  expect(error).toMatchObject({ reason })
  expect(isPictures(error)).toBe(isFinal)
})

test('a picture that is not to be had at this moment costs its job no try, and is no lost answer', async () => {
  const { get } = open({
    [theirs]: () => new Response('', { status: 503, headers: { 'retry-after': '90' } }),
  })
  await expect(get(theirs)).rejects.toMatchObject({ afterMs: 90_000, counts: false, maybeDone: false })
})
