import { expect, test } from 'vitest'
import { readAddress } from '#functions/sync/handles.ts'

test.for([
  ['https://www.youtube.com/@zerno.coffee/videos', 'youtube', '@zerno.coffee'],
  ['youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa', 'youtube', 'UCaaaaaaaaaaaaaaaaaaaaaa'],
  ['https://m.youtube.com/user/zernocoffee', 'youtube', 'user/zernocoffee'],
  ['https://www.instagram.com/a.brand/?hl=en', 'instagram', 'a.brand'],
  ['https://www.instagram.com/a.brand/reels/', 'instagram', 'a.brand'],
  ['https://www.tiktok.com/@a.brand?lang=ru', 'tiktok', '@a.brand'],
] as const)('%s is the page of an account', ([text, platform, handle]) => {
  expect(readAddress(text)).toEqual({ platform, handle })
})

test.for([
  ['https://youtu.be/dQw4w9WgXcQ', 'a video'],
  ['https://www.youtube.com/watch?v=dQw4w9WgXcQ', 'a video'],
  ['https://www.youtube.com/shorts/dQw4w9WgXcQ', 'a video'],
  ['https://www.youtube.com/hashtag/coffee', 'a hashtag'],
  ['https://www.youtube.com/c/ZernoCoffee', 'an old custom address'],
  ['https://www.youtube.com/feed/trending', 'not the address of an account'],
  ['https://www.instagram.com/p/Cxyz/', 'a post'],
  ['https://www.instagram.com/a.brand/reel/Cxyz/', 'a post'],
  ['https://www.instagram.com/explore/', 'a page of Instagram itself'],
  ['https://www.instagram.com/explore/tags/coffee/', 'a hashtag'],
  ['https://www.instagram.com/stories/a.brand/123/', 'a story'],
  ['https://www.tiktok.com/@a.brand/video/71', 'a video'],
  ['https://vm.tiktok.com/ZMabc/', 'a short link'],
  ['https://www.tiktok.com/tag/coffee', 'a hashtag'],
  ['https://vk.com/zerno', 'accounts of vk.com are not supported'],
  ['https://x.com/zerno', 'accounts of x.com are not supported'],
  ['http://[', 'no address that can be read'],
] as const)('%s is refused for what it is: %s', ([text, says]) => {
  expect(readAddress(text)).toEqual({ fault: expect.stringContaining(says) })
})

test.for(['zerno.coffee', '@a.brand', 'UCaaaaaaaaaaaaaaaaaaaaaa', 'youtube:@x', 'user/zernocoffee'])(
  '%s is no address',
  (text) => {
    expect(readAddress(text)).toBeUndefined()
  },
)
