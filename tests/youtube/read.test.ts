import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '#shared/platforms/youtube/read.ts'
import { durationFrom } from '#shared/platforms/youtube/records.ts'

const video = (change: object = {}) => ({
  kind: 'youtube#video',
  id: 'abcdefghijk',
  snippet: {
    publishedAt: '2026-11-01T09:00:00Z',
    title: 'T #tag',
    description: 'D @nike',
    thumbnails: {},
    liveBroadcastContent: 'none',
  },
  contentDetails: { duration: 'PT10M' },
  status: { privacyStatus: 'public', madeForKids: false },
  statistics: { viewCount: '1000', likeCount: '10', favoriteCount: '0', commentCount: '2' },
  ...change,
})
const page = (items: unknown[]) => JSON.stringify({ kind: 'youtube#videoListResponse', items })
const postOf = (item: unknown) => {
  const [first] = read('videos', page([item])).posts
  if (!first?.ok || first.record.group !== 'detail') throw new Error(JSON.stringify(first))
  return first.record
}

test('counts that are absent are null, never 0', () => {
  const { metrics } = postOf(video({ statistics: { viewCount: '0' } }))
  expect(metrics).toEqual({ views: '0', likes: null, comments: null, shares: null, saves: null })
  expect(postOf(video({ statistics: undefined })).metrics.views).toBeNull()
})

test('a count beyond 2^53 keeps every digit', () => {
  expect(postOf(video({ statistics: { viewCount: '9007199254740993' } })).metrics.views).toBe(
    '9007199254740993',
  )
})

test('a visibility that is not known yet is kept as it is, and noted', () => {
  const [one] = read('videos', page([video({ status: { privacyStatus: 'membersOnly' } })])).posts
  expect(one).toMatchObject({
    ok: true,
    record: { detail: { visibility: 'membersOnly' } },
    issues: [{ field: 'status.privacyStatus', code: 'new_value' }],
  })
})

test('an answer without items is an account that is not there', () => {
  const body = JSON.stringify({ kind: 'youtube#channelListResponse', pageInfo: { totalResults: 0 } })
  expect(read('channels', body)).toMatchObject({ profiles: [], accountMissing: true })
})

test('hidden subscribers are null', () => {
  const channel = {
    id: 'UC1',
    snippet: { title: ' T ', thumbnails: {} },
    statistics: { viewCount: '5', subscriberCount: '9', hiddenSubscriberCount: true, videoCount: '1' },
  }
  const [first] = read(
    'channels',
    JSON.stringify({ kind: 'youtube#channelListResponse', items: [channel] }),
  ).profiles
  expect(first?.ok && first.record).toMatchObject({
    display_name: ' T ',
    metrics: { followers: null, views: '5' },
  })
})

test('the entry of a deleted video is no record', () => {
  const entry = {
    snippet: { title: 'Deleted video' },
    contentDetails: { videoId: 'x' },
    status: { privacyStatus: 'privacyStatusUnspecified' },
  }
  const body = JSON.stringify({ kind: 'youtube#playlistItemListResponse', items: [entry] })
  expect(read('playlistItems', body).posts).toEqual([])
})

test('an entry whose time is there and cannot be read is refused, and not taken for a placeholder', () => {
  const items = [{ contentDetails: { videoId: 'v1', videoPublishedAt: 'yesterday' } }]
  const body = JSON.stringify({ kind: 'youtube#playlistItemListResponse', items })
  expect(read('playlistItems', body).posts).toMatchObject([
    { ok: false, path: 'items.0.contentDetails.videoPublishedAt', raw: items[0] },
  ])
})

test('U+0000 and lone surrogates go, all else stays as received', () => {
  const { listing } = postOf(
    video({ snippet: { ...video().snippet, title: 'a\u0000b\ud800c\r\n👍🏽e\u0301' } }),
  )
  expect(listing.title).toBe('abc\r\n👍🏽e\u0301')
})

test.for([
  {
    name: 'a minute upright',
    change: { contentDetails: { duration: 'PT59S' }, player: { embedWidth: '720', embedHeight: '1280' } },
    is: 'short_video',
  },
  {
    name: 'three minutes upright',
    change: { contentDetails: { duration: 'PT3M' }, player: { embedWidth: '720', embedHeight: '1280' } },
    is: 'short_video',
  },
  {
    name: 'a minute wide',
    change: { contentDetails: { duration: 'PT59S' }, player: { embedWidth: '1280', embedHeight: '720' } },
    is: 'video',
  },
  { name: 'a minute of unknown shape', change: { contentDetails: { duration: 'PT59S' } }, is: 'short_video' },
  { name: 'two minutes of unknown shape', change: { contentDetails: { duration: 'PT2M' } }, is: 'video' },
  { name: 'ten minutes', change: {}, is: 'video' },
  {
    name: 'upcoming',
    change: {
      contentDetails: { duration: 'P0D' },
      snippet: { ...video().snippet, liveBroadcastContent: 'upcoming' },
    },
    is: 'live',
  },
  {
    name: 'a broadcast that ended',
    change: { liveStreamingDetails: { actualStartTime: '2026-11-01T09:00:00Z' } },
    is: 'live',
  },
  { name: 'of no length yet', change: { contentDetails: { duration: 'PT0S' } }, is: 'video' },
])('a video $name is $is', ({ change, is }) => {
  expect(postOf(video(change)).detail.class).toBe(is)
})

const upright = (duration: string, publishedAt: string) => ({
  snippet: { ...video().snippet, publishedAt },
  contentDetails: { duration },
  player: { embedWidth: '720', embedHeight: '1280' },
})
test.for([
  { duration: 'PT1M', publishedAt: '2023-05-02T10:00:00Z', is: 'short_video' },
  { duration: 'PT1M1S', publishedAt: '2023-05-02T10:00:00Z', is: 'short_video' },
  { duration: 'PT1M2S', publishedAt: '2023-05-02T10:00:00Z', is: 'video' },
  { duration: 'PT3M', publishedAt: '2026-05-02T10:00:00Z', is: 'short_video' },
  { duration: 'PT3M1S', publishedAt: '2026-05-02T10:00:00Z', is: 'short_video' },
  { duration: 'PT3M2S', publishedAt: '2026-05-02T10:00:00Z', is: 'video' },
])('an upright video of $duration, of $publishedAt, is a $is: durations are rounded up', (one) => {
  expect(postOf(video(upright(one.duration, one.publishedAt))).detail.class).toBe(one.is)
})

const broadcast = (
  state: string,
  duration: string,
  liveStreamingDetails: object,
  uploadStatus = 'uploaded',
) => ({
  snippet: { ...video().snippet, liveBroadcastContent: state },
  contentDetails: { duration },
  status: { privacyStatus: 'public', uploadStatus },
  liveStreamingDetails,
})
const scheduledStartTime = '2026-10-20T07:30:00Z'
const actualStartTime = '2026-10-20T07:30:32Z'
const actualEndTime = '2026-10-20T08:30:32Z'
test.for([
  {
    name: 'given as upcoming that has started',
    change: broadcast('upcoming', 'P0D', { scheduledStartTime, actualStartTime }),
    is: { class: 'live', class_source: 'api', live_state: 'live' },
  },
  {
    name: 'given as live that has ended',
    change: broadcast('live', 'PT1H', { scheduledStartTime, actualStartTime, actualEndTime }),
    is: { class: 'live', class_source: 'heuristic', live_state: 'ended' },
  },
  {
    name: 'given as over, whose end was not recorded',
    change: broadcast('none', 'PT1H', { actualStartTime }),
    is: { class: 'live', live_state: 'ended' },
  },
  {
    name: 'that is scheduled',
    change: broadcast('upcoming', 'P0D', { scheduledStartTime }),
    is: { class: 'live', class_source: 'api', live_state: 'upcoming' },
  },
  {
    name: 'without any times',
    change: broadcast('live', 'P0D', {}),
    is: { class: 'live', class_source: 'api', live_state: 'live' },
  },
  {
    name: 'that is an upload shown at a set time',
    change: broadcast('upcoming', 'PT10M', { scheduledStartTime }, 'processed'),
    is: { class: 'video', class_source: 'heuristic', live_state: 'upcoming' },
  },
])('a broadcast $name is recognised by its recorded times', ({ change, is }) => {
  expect(postOf(video(change)).detail).toMatchObject(is)
})

test.for([
  { text: 'PT1M2S', ms: 62_000 },
  { text: 'P1DT2H', ms: 93_600_000 },
  { text: 'PT0S', ms: 0 },
  { text: 'P0D', ms: 0 },
  { text: undefined, ms: null },
  { text: 'soon', ms: null },
])('the duration $text is $ms ms', ({ text, ms }) => {
  expect(durationFrom(text)).toBe(ms)
})

test('whatever the items are, each is a record or a refusal with its path, and nothing is thrown', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.jsonValue().map((value) => video({ snippet: value })),
    fc.jsonValue().map((value) => video({ statistics: value })),
  )
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), (items) => {
      const { posts } = read('videos', page(items))
      expect(posts).toHaveLength(items.length)
      for (const [index, one] of posts.entries())
        if (!one.ok) expect(one.path).toMatch(new RegExp(`^items\\.${index}`))
    }),
  )
})
