import type { Texts } from './text.ts'

/** Calls of platforms, by the names of the API. */
export const endpoints = {
  videos: ['posts by id', 'публикации по номерам'],
  playlistItems: ['lists of posts', 'списки публикаций'],
  channels: ['profiles', 'профили'],
  stats: ['numbers', 'показатели'],
  list: ['lists of posts', 'списки публикаций'],
  query: ['posts by id', 'публикации по номерам'],
  user: ['profiles', 'профили'],
  media: ['lists of posts', 'списки публикаций'],
  discovery: ['profiles and posts of others', 'профили и публикации других'],
  user_info: ['profiles', 'профили'],
  video_list: ['lists of posts', 'списки публикаций'],
  video_query: ['posts by id', 'публикации по номерам'],
  research_user: ['profiles (Research API)', 'профили (Research API)'],
  discovery_media: ['lists of posts of others', 'списки публикаций других'],
  research_videos: ['posts (Research API)', 'публикации (Research API)'],
} as const satisfies Texts
