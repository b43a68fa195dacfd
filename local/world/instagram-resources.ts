import type { PostLife } from './life.ts'
import { digitsOf, fraction, idOf, pick, seeded } from './random.ts'
import type { ProfileFacts, Site } from './site.ts'
import { titles } from './vocabulary.ts'
import { description } from './words.ts'

type Resource = Readonly<Record<string, unknown>>

/** Usernames know no dash. */
const usernameOf = (handle: string) => handle.replaceAll('-', '.')

/** The simulator adds the signature, a new one in each answer. */
const pictureOf = (text: string, ending: 'jpg' | 'mp4') =>
  `https://scontent.cdninstagram.com/v/t51.2885-15/${digitsOf(text, 9)}_${digitsOf(`more ${text}`, 15)}_n.${ending}`

/** A user as the Graph API returns it with all fields (Instagram API). */
function userResource({ id, brand, names, followers, posts }: ProfileFacts): Resource {
  return {
    id,
    ig_id: Number(digitsOf(`ig ${id}`, 10)),
    username: usernameOf(names.handle),
    name: names.title,
    biography: `${names.title} — ${brand.country}`,
    website: `https://${usernameOf(brand.handle)}.example`,
    profile_picture_url: pictureOf(id, 'jpg'),
    followers_count: followers,
    follows_count: Math.floor(fraction(`follows ${id}`) * 900),
    media_count: posts,
  }
}

/** A post as the Graph API returns it at a time: an image, a carousel, a reel. */
function mediaResource(id: string, life: PostLife, time: number, username: string): Resource {
  const random = seeded(life.key)
  const kind = pick(random, ['IMAGE', 'IMAGE', 'CAROUSEL_ALBUM', 'VIDEO'])
  const isReel = kind === 'VIDEO'
  const { views, likes, comments } = life.countersAt(time)
  const title = `${pick(random, titles)}${time >= life.editedAt ? ' (edited)' : ''}`
  const text = description(random)
  const shortcode = idOf(`shortcode ${id}`, 11)
  const hasLink = !(isReel && random() < 0.1)
  return {
    id,
    ...(random() < 0.03 ? {} : { caption: `${title}\n${text}`.trim() }),
    media_type: kind,
    media_product_type: isReel ? 'REELS' : 'FEED',
    ...(hasLink ? { media_url: pictureOf(id, isReel ? 'mp4' : 'jpg') } : {}),
    ...(isReel ? { thumbnail_url: pictureOf(`thumbnail ${id}`, 'jpg') } : {}),
    permalink: `https://www.instagram.com/${isReel ? 'reel' : 'p'}/${shortcode}/`,
    shortcode,
    timestamp: new Date(life.publishedAt).toISOString().replace(/\.\d+Z$/, '+0000'),
    username,
    ...(time >= life.likesHiddenAt ? {} : { like_count: likes }),
    comments_count: comments,
    ...(isReel ? { view_count: views } : {}),
    ...(kind === 'CAROUSEL_ALBUM'
      ? { children: { data: childrenOf(id, 2 + Math.floor(random() * 4)) } }
      : {}),
  }
}

const childrenOf = (id: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `180${digitsOf(`child ${index} ${id}`, 14)}`,
    media_type: 'IMAGE',
    media_url: pictureOf(`child ${index} ${id}`, 'jpg'),
  }))

/** Three brands in four have a professional account; every sixth lets us in as its owner. */
export const instagramSite: Site = {
  isThere: (number) => number % 4 !== 2,
  isOwned: (number) => number % 6 === 0,
  accountId: (key) => `178414${digitsOf(key, 11)}`,
  username: usernameOf,
  postId: (life) => `179${digitsOf(life.key, 14)}`,
  profile: userResource,
  post: (_presence, id, life, time, handle) => mediaResource(id, life, time, usernameOf(handle)),
}
