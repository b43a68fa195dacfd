import type { PostLife } from './life.ts'
import { digitsOf, fraction, pick, seeded } from './random.ts'
import type { ProfileFacts, Site } from './site.ts'
import { titles } from './vocabulary.ts'
import { description } from './words.ts'

type Resource = Readonly<Record<string, unknown>>

const usernameOf = (handle: string) => handle.replaceAll('-', '_')

/** A user as `user/info` returns it with all fields (TikTok Display API). */
function userResource({ id, brand, names, followers, posts, likes }: ProfileFacts): Resource {
  const username = usernameOf(names.handle)
  return {
    open_id: id,
    union_id: `union-${id}`,
    avatar_url: `https://p16-sign.tiktokcdn.com/avatar/${digitsOf(id, 12)}.jpeg`,
    display_name: names.title,
    bio_description: `${names.title} (${brand.country})`,
    profile_deep_link: `https://vm.tiktok.com/${digitsOf(id, 8)}`,
    profile_web_link: `https://www.tiktok.com/@${username}`,
    is_verified: fraction(`verified ${id}`) < 0.5,
    username,
    follower_count: followers,
    following_count: Math.floor(fraction(`following ${id}`) * 500),
    likes_count: likes,
    video_count: posts,
  }
}

/** A video as `video/list` returns it at a time; one in eight is photos, which only its link shows. */
function videoResource(id: string, life: PostLife, time: number, username: string): Resource {
  const random = seeded(life.key)
  const isPhoto = random() < 0.125
  const { views, likes, comments } = life.countersAt(time)
  const text = `${pick(random, titles)} ${description(random).replaceAll(/\s+/g, ' ')}`.trim().slice(0, 150)
  return {
    id,
    create_time: life.publishedAt / 1000,
    cover_image_url: `https://p16-sign.tiktokcdn.com/cover/${digitsOf(id, 20)}.jpeg?x-expires=0`,
    share_url: `https://www.tiktok.com/@${username}/${isPhoto ? 'photo' : 'video'}/${id}?utm_campaign=tt4d`,
    video_description: text,
    title: text,
    duration: isPhoto ? 0 : 8 + Math.floor(random() * 90),
    height: 1024,
    width: 576,
    embed_link: `https://www.tiktok.com/player/v1/${id}`,
    like_count: likes,
    comment_count: comments,
    share_count: Math.floor(likes / 9),
    view_count: views,
    is_aigc: random() < 0.1,
  }
}

/** Every second brand is there, and has let us in: nothing is open otherwise. */
export const tiktokSite: Site = {
  isThere: (number) => number % 2 === 0,
  isOwned: () => true,
  accountId: (key) => `-000${digitsOf(key, 32)}`,
  // The upper half of an id is the time of publication.
  username: usernameOf,
  postId: (life) => String((BigInt(life.publishedAt / 1000) << 32n) + BigInt(digitsOf(life.key, 9))),
  profile: userResource,
  post: (_presence, id, life, time, handle) => videoResource(id, life, time, usernameOf(handle)),
}
