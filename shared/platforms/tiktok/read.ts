import * as z from 'zod'
import { TerminalError } from '../../errors.ts'
import type { PageRecords } from '../platform.ts'
import { readAnswer, readItem } from '../read-items.ts'
import { cleanJson, parseInt64 } from '../text/clean.ts'
import { postFrom, profileFrom } from './records.ts'
import { researchPost, researchProfile } from './research-records.ts'
import {
  GoodEnvelope,
  ResearchUser,
  ResearchVideo,
  ResearchVideos,
  User,
  UserInfo,
  Video,
  VideoList,
} from './resources.ts'

/** A stored answer as records. Throws a TerminalError when the answer as a whole cannot be read. */
export function read(endpoint: string, body: string): PageRecords {
  const none = { profiles: [], posts: [], accountMissing: false }
  if (endpoint === 'user.info') {
    const { user } = dataOf(body, UserInfo)
    return { ...none, profiles: [readItem(User, user, ['data', 'user'], profileFrom)] }
  }
  if (endpoint === 'video.list' || endpoint === 'video.query') {
    const { videos } = dataOf(body, VideoList)
    return {
      ...none,
      posts: videos.map((video, index) => readItem(Video, video, ['data', 'videos', index], postFrom)),
    }
  }
  if (endpoint === 'research.user') {
    const user = dataOf(body, z.looseObject({}), parseLarge)
    return { ...none, profiles: [readItem(ResearchUser, user, ['data'], researchProfile)] }
  }
  if (endpoint === 'research.videos') {
    const { videos } = dataOf(body, ResearchVideos, parseLarge)
    const place = ['data', 'videos']
    return {
      ...none,
      posts: videos.map((video, index) => readItem(ResearchVideo, video, [...place, index], researchPost)),
    }
  }
  throw new TerminalError(`no such endpoint: ${endpoint}`, { reason: 'bug' })
}

const parseLarge = (text: string) => cleanJson(parseInt64(text))

const dataOf = <T>(body: string, schema: z.ZodType<T>, parse?: (text: string) => unknown): T =>
  readAnswer(GoodEnvelope.extend({ data: schema }), body, parse).data
