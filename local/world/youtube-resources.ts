import type { PostLife } from './life.ts'
import { fraction, idOf, pick, seeded } from './random.ts'
import type { ProfileFacts, Site } from './site.ts'
import { brands, titles } from './vocabulary.ts'
import { description } from './words.ts'

type Resource = Readonly<Record<string, unknown>>

/** A channel as `channels.list` returns it with all parts (YouTube Data API). */
function channelResource({ id, brand, names, createdAt, followers, posts, views }: ProfileFacts): Resource {
  const hidden = brands.indexOf(brand) % 12 === 5
  // The platform rounds down to three figures.
  const step = 10 ** Math.max(0, String(followers).length - 3)
  return {
    kind: 'youtube#channel',
    id,
    snippet: {
      title: names.title,
      description: `${names.title} — official channel`,
      customUrl: `@${names.handle}`,
      publishedAt: createdAt.toISOString(),
      country: brand.country,
      thumbnails: { high: { url: `https://yt3.ggpht.com/${id}=s800`, width: 800, height: 800 } },
    },
    contentDetails: { relatedPlaylists: { likes: '', uploads: `UU${id.slice(2)}` } },
    statistics: {
      viewCount: String(views),
      ...(hidden ? {} : { subscriberCount: String(Math.floor(followers / step) * step) }),
      hiddenSubscriberCount: hidden,
      videoCount: String(posts),
    },
    status: {
      privacyStatus: 'public',
      isLinked: true,
      longUploadsStatus: 'longUploadsUnspecified',
      madeForKids: false,
    },
  }
}

/** A video as `videos.list` returns it at a time. */
export function videoResource(channelId: string, id: string, life: PostLife, time: number): Resource {
  const random = seeded(life.key)
  const isShort = random() < 0.3
  const seconds = isShort ? 12 + Math.floor(random() * 48) : 60 + Math.floor(random() * 2400)
  const title = `${pick(random, titles)}${isShort && random() < 0.5 ? ' #shorts' : ''}`
  const { views, likes, comments } = life.countersAt(time)
  return {
    kind: 'youtube#video',
    id,
    snippet: {
      publishedAt: new Date(life.publishedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
      channelId,
      title: time >= life.editedAt ? `${title} (new cut)` : title,
      description: description(random),
      thumbnails: thumbnails(id),
      ...(random() < 0.6
        ? { tags: ['review', 'новинка 2026', 'limited edition'].slice(0, 1 + Math.floor(random() * 3)) }
        : {}),
      categoryId: '22',
      liveBroadcastContent: 'none',
      ...(random() < 0.5 ? { defaultAudioLanguage: pick(random, ['ru', 'en', 'fr', 'ja', 'de']) } : {}),
    },
    contentDetails: {
      duration: `PT${Math.floor(seconds / 60)}M${seconds % 60}S`,
      dimension: '2d',
      definition: 'hd',
      caption: 'false',
    },
    status: {
      uploadStatus: 'processed',
      privacyStatus: 'public',
      license: 'youtube',
      embeddable: true,
      madeForKids: random() < 0.05,
    },
    statistics: {
      viewCount: String(views),
      ...(time >= life.likesHiddenAt ? {} : { likeCount: String(likes) }),
      favoriteCount: '0',
      ...(fraction(`comments closed ${life.key}`) < 0.07 ? {} : { commentCount: String(comments) }),
    },
    player: isShort ? { embedHeight: '1280', embedWidth: '720' } : { embedHeight: '720', embedWidth: '1280' },
  }
}

function thumbnails(id: string) {
  const size = (name: string, width: number, height: number) => ({
    url: `https://i.ytimg.com/vi/${id}/${name}.jpg`,
    width,
    height,
  })
  return {
    default: size('default', 120, 90),
    medium: size('mqdefault', 320, 180),
    high: size('hqdefault', 480, 360),
    maxres: size('maxresdefault', 1280, 720),
  }
}

/** Every brand has a channel. */
export const youtubeSite: Site = {
  isThere: () => true,
  isOwned: () => false,
  accountId: (key) => `UC${idOf(key, 22)}`,
  username: (handle) => handle,
  postId: (life) => idOf(life.key, 11),
  profile: channelResource,
  post: ({ id }, postId, life, time) => videoResource(id, postId, life, time),
}
