import type { PostMetrics } from '../../model/post.ts'
import type { ProfileMetrics } from '../../model/profile.ts'
import { columns } from '../columns.ts'

/** Numbers of a post, wherever they stand: its history, and the newest of them. */
export const postMetrics = columns<PostMetrics>({
  views: 'bigint',
  likes: 'bigint',
  comments: 'bigint',
  shares: 'bigint',
  saves: 'bigint',
})

/** Numbers of a profile, in its history and in its row. */
export const profileMetrics = columns<ProfileMetrics>({
  followers: 'bigint',
  following: 'bigint',
  posts: 'bigint',
  views: 'bigint',
  likes: 'bigint',
})
