import { expect, test } from 'vitest'
import { read } from '#shared/platforms/instagram/read.ts'

const signed = 'https://scontent.cdninstagram.com/v/x.jpg?_nc_cat=1&oh=00_A&oe=6576D61D'
const ends = new Date('2023-12-11T09:27:57Z')
const media = {
  id: '17900000000000001',
  caption: 'Hi #tag#two @brand.one',
  media_type: 'IMAGE',
  media_product_type: 'FEED',
  media_url: signed,
  permalink: 'https://www.instagram.com/p/ABC123/',
  timestamp: '2026-11-01T09:00:00+0000',
  comments_count: 2,
}
const postOf = (more: object) => {
  const [one] = read('media', JSON.stringify({ data: [{ ...media, ...more }] })).posts
  if (!one?.ok || one.record.group !== 'detail') throw new Error('no record')
  return one.record
}

test('a post becomes a record; what its owner hides is NULL', () => {
  expect(postOf({})).toMatchObject({
    native_id: '17900000000000001',
    listing: { title: null, body: media.caption, published_at: new Date('2026-11-01T09:00:00Z') },
    detail: { class: 'image', class_source: 'api', visibility: 'public' },
    media: [{ role: 'cover', kind: 'image', native_id: '17900000000000001', url_expires_at: ends }],
    hashtags: [{ tag: 'tag' }, { tag: 'two' }],
    mentions: [{ handle: 'brand.one' }],
    metrics: { views: null, likes: null, comments: '2', shares: null, saves: null },
  })
})

test.for([
  { more: { media_type: 'VIDEO', media_product_type: 'REELS' }, class: 'short_video' },
  { more: { media_type: 'VIDEO', media_product_type: 'FEED' }, class: 'video' },
  { more: { media_type: 'CAROUSEL_ALBUM', media_product_type: 'AD' }, class: 'carousel' },
  { more: { media_product_type: 'STORY' }, class: 'story' },
  {
    more: {
      media_type: 'VIDEO',
      media_product_type: undefined,
      permalink: 'https://www.instagram.com/reel/A/',
    },
    class: 'short_video',
  },
  { more: { media_type: 'HOLOGRAM' }, class: 'unknown' },
])('$more is $class', ({ more, class: expected }) => {
  expect(postOf(more).detail.class).toBe(expected)
})

test('a video has its thumbnail for a cover; without a link, as flagged music has none, it stays with a link that is NULL', () => {
  const video = { media_type: 'VIDEO', thumbnail_url: signed }
  expect(postOf(video).media.map(({ role, kind }) => `${role} ${kind}`)).toEqual([
    'cover image',
    'primary video',
  ])
  expect(postOf({ ...video, media_url: undefined }).media).toMatchObject([
    { role: 'cover', url: signed },
    { role: 'primary', url: null },
  ])
  expect(postOf({ media_url: undefined }).media).toMatchObject([{ role: 'cover', url: null }])
})

test('children keep their order, their own ids and the end of their links', () => {
  const children = {
    data: [
      { id: '1', media_type: 'IMAGE', media_url: signed },
      { id: '2', media_type: 'VIDEO', media_url: signed },
    ],
  }
  expect(postOf({ media_type: 'CAROUSEL_ALBUM', children }).media.slice(1)).toMatchObject([
    { role: 'child', position: 0, native_id: '1', kind: 'image', url_expires_at: ends },
    { role: 'child', position: 1, native_id: '2', kind: 'video' },
  ])
})

test('a picture is the same whatever its link says', () => {
  const [one] = postOf({}).media
  const [other] = postOf({ media_url: signed.replace('00_A', '00_B') }).media
  expect(one?.identity).toBe(other?.identity)
})

test('a discovery holds the profile and the first posts; a later page only posts', () => {
  const business_discovery = {
    id: '178414',
    username: 'target',
    followers_count: 7,
    media: { data: [media] },
  }
  const body = JSON.stringify({ business_discovery, id: '1' })
  expect(read('discovery', body)).toMatchObject({
    profiles: [
      {
        ok: true,
        record: { native_id: '178414', handle: 'target', metrics: { followers: '7', posts: null } },
      },
    ],
    posts: [{ ok: true }],
  })
  expect(read('discovery.media', body)).toMatchObject({ profiles: [], posts: [{ ok: true }] })
})

test('a bad record is refused with its place, the others are read', () => {
  const body = JSON.stringify({
    data: [media, { ...media, timestamp: 'yesterday' }, { ...media, like_count: -1 }],
  })
  expect(read('media', body).posts).toMatchObject([
    { ok: true },
    { ok: false, path: 'data.1.timestamp' },
    { ok: true },
  ])
})

const issuesOf = (more: object) => {
  const [one] = read('media', JSON.stringify({ data: [{ ...media, ...more }] })).posts
  return one?.ok ? one.issues.map(({ field, code, value }) => ({ field, code, value })) : undefined
}

test('a number that cannot be one is NULL and noted; one that is absent, or null, is NULL', () => {
  expect(postOf({ like_count: -1 }).metrics.likes).toBeNull()
  expect(issuesOf({ like_count: -1 })).toEqual([{ field: 'like_count', code: 'too_small', value: -1 }])
  expect(postOf({ like_count: null }).metrics.likes).toBeNull()
  expect(issuesOf({ like_count: null })).toEqual([])
  expect(issuesOf({})).toEqual([])
  expect(postOf({ thumbnail_url: null, like_count: 5 }).metrics.likes).toBe('5')
  expect(issuesOf({ thumbnail_url: null })).toEqual([])
})

test('a child of a carousel without a link is a child in its place, whose link is NULL', () => {
  const carousel = (data: object[]) => ({
    media_type: 'CAROUSEL_ALBUM',
    media_url: undefined,
    children: { data },
  })
  const children = [
    { id: '1', media_type: 'IMAGE', media_url: signed },
    { id: '2', media_type: 'VIDEO', thumbnail_url: signed },
    { id: '3', media_type: 'IMAGE', media_url: signed },
  ]
  expect(
    postOf(carousel(children)).media.map(({ role, position, kind, url }) => [role, position, kind, url]),
  ).toEqual([
    ['child', 0, 'image', signed],
    ['child', 1, 'video', null],
    ['child', 2, 'image', signed],
  ])
  expect(postOf(carousel([{ id: '1', media_type: 'VIDEO' }])).media).toMatchObject([
    { role: 'child', url: null },
  ])
  const strange = carousel([{ id: '1', media_type: 'IMAGE', media_url: 'no link' }, { media_type: 'IMAGE' }])
  expect(postOf(strange).media).toMatchObject([{ role: 'child', native_id: '1', url: null }])
  expect(issuesOf(strange)).toMatchObject([
    { field: 'children.data.1' },
    { field: 'children.data.0.media_url', value: 'no link' },
  ])
})

test('a value that is new to an enumeration is kept as it is, and noted', () => {
  expect(issuesOf({ media_type: 'HOLOGRAM' })).toEqual([
    { field: 'media_type', code: 'new_value', value: 'HOLOGRAM' },
  ])
})

test.for(['', '{"data":{}}', '<html>'])('an answer that is no list is refused whole: %s', (body) => {
  expect(() => read('media', body)).toThrow(
    expect.objectContaining({ name: 'TerminalError', reason: 'unreadable' }),
  )
})

test('two faults of one field cost that field alone', () => {
  const [one] = read('media', JSON.stringify({ data: [{ ...media, like_count: -0.5 }] })).posts
  expect(one).toMatchObject({
    ok: true,
    record: { native_id: media.id, metrics: { likes: null, comments: '2' } },
    issues: [{ field: 'like_count', value: -0.5 }],
  })
})
