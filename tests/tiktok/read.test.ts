import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from '#shared/platforms/tiktok/read.ts'

const page = (data: object) => JSON.stringify({ data, error: { code: 'ok', message: '', log_id: '1' } })
const video = {
  id: '7279090832337161473',
  create_time: 1_694_795_403,
  cover_image_url: 'https://p16.tiktokcdn.com/a/b~c.jpeg?x-expires=1695967200&x-signature=s',
  share_url: 'https://www.tiktok.com/@asics/video/7279090832337161473?utm=1',
  video_description: 'Move #fyp#foryou with @brand.x',
  title: 'Move',
  duration: 47,
  like_count: 191,
  comment_count: 0,
  view_count: 4_874,
  is_aigc: false,
}

test('a video becomes a post with its class, times, numbers, tags and mentions', () => {
  const [post] = read('video.list', page({ videos: [video], has_more: false })).posts
  expect(post).toMatchObject({
    ok: true,
    record: {
      group: 'detail',
      native_id: '7279090832337161473',
      listing: {
        permalink: 'https://www.tiktok.com/@asics/video/7279090832337161473',
        published_at: new Date('2023-09-15T16:30:03Z'),
      },
      detail: { class: 'short_video', duration_ms: 47_000, is_ai_generated: false },
      hashtags: [{ tag: 'fyp' }, { tag: 'foryou' }],
      mentions: [{ handle: 'brand.x' }],
      // Absent is NULL, zero is zero.
      metrics: { views: '4874', likes: '191', comments: '0', shares: null, saves: null },
      media: [{ role: 'cover', url_expires_at: new Date(1_695_967_200_000), identity: '/a/b~c.jpeg' }],
    },
  })
})

test('a photo post is recognised by its link, and has no duration', () => {
  const share_url = 'https://www.tiktok.com/@asics/photo/7279090832337161473'
  const [post] = read('video.list', page({ videos: [{ ...video, share_url, duration: 0 }] })).posts
  expect(post).toMatchObject({ record: { detail: { class: 'carousel', duration_ms: null } } })
})

test('a profile keeps counters that do not fit 32 bits, and what is empty is NULL', () => {
  const user = {
    open_id: 'o1',
    username: 'asics',
    bio_description: '',
    likes_count: 7_000_000_000,
    is_verified: true,
  }
  const [profile] = read('user.info', page({ user })).profiles
  expect(profile).toMatchObject({
    record: {
      native_id: 'o1',
      handle: 'asics',
      bio: null,
      is_verified: true,
      metrics: { likes: '7000000000', followers: null },
    },
  })
})

test('an answer that is no answer of theirs is terminal', () => {
  for (const body of ['<html>', '[]', '{"data":{"videos":7},"error":{"code":"ok"}}'])
    expect(() => read('video.list', body)).toThrow(
      expect.objectContaining({ name: 'TerminalError', reason: 'unreadable' }),
    )
})

test('whatever the videos are, each is a record or a refusal with its path', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom(...Object.keys(video)), fc.jsonValue()),
  )
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), (videos) => {
      const { posts } = read('video.list', page({ videos }))
      expect(posts).toHaveLength(videos.length)
      for (const [index, one] of posts.entries())
        if (!one.ok) expect(one.path).toMatch(new RegExp(`^data\\.videos\\.${index}`))
    }),
  )
})
