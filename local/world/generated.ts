import { fraction, pick, seeded } from './random.ts'
import { brands, hashtags, sentences, titles } from './vocabulary.ts'
import type { Observation } from './world.ts'

const dayMs = 86_400_000

/** Id of the platform's alphabet, the same for the same text. */
function idOf(text: string, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const random = seeded(`id ${text}`)
  return Array.from({ length }, () => alphabet[Math.floor(random() * 64)]).join('')
}

/**
 * A small world, the same for the same seed: some two dozen invented brands with over 1,500 posts that end at `start`,
 * varied and rich in scripts, with hidden counters and absent fields as the real platform has them.
 */
export function generateYoutube(seed: string, start: Date): Observation[] {
  return brands.flatMap((brand, index) => {
    const random = seeded(`${seed} ${brand.handle}`)
    const id = `UC${idOf(`${seed} ${brand.handle}`, 22)}`
    const count = 20 + Math.floor(random() ** 2 * 150)
    const posts = Array.from({ length: count }, (_, number) => video(seed, id, number, start))
    const resource = channel(id, brand, index, posts.length, start)
    return [
      { platform: 'youtube', kind: 'profile', account: id, id, at: '1970-01-01T00:00:00.000Z', resource },
      ...posts,
    ] satisfies Observation[]
  })
}

function channel(id: string, brand: (typeof brands)[number], index: number, videoCount: number, start: Date) {
  const hidden = index % 12 === 5
  return {
    kind: 'youtube#channel',
    id,
    snippet: {
      title: brand.name,
      description: `${brand.name} — official channel`,
      customUrl: `@${brand.handle}`,
      publishedAt: new Date(start.getTime() - (900 + index * 31) * dayMs).toISOString(),
      country: brand.country,
      thumbnails: { high: { url: `https://yt3.ggpht.com/${id}=s800`, width: 800, height: 800 } },
    },
    contentDetails: { relatedPlaylists: { likes: '', uploads: `UU${id.slice(2)}` } },
    statistics: {
      viewCount: String(Math.floor(fraction(`views ${id}`) * 90_000_000) + 10_000),
      ...(hidden
        ? {}
        : { subscriberCount: String(Math.floor(fraction(`subscribers ${id}`) * 900) * 1000 + 1000) }),
      hiddenSubscriberCount: hidden,
      videoCount: String(videoCount),
    },
    status: {
      privacyStatus: 'public',
      isLinked: true,
      longUploadsStatus: 'longUploadsUnspecified',
      madeForKids: false,
    },
  }
}

function video(seed: string, channelId: string, number: number, start: Date): Observation {
  const random = seeded(`${seed} ${channelId} ${number}`)
  const id = idOf(`${seed} ${channelId} ${number}`, 11)
  const published = new Date(start.getTime() - (number * 2.3 + random()) * dayMs)
  const isShort = random() < 0.3
  const seconds = isShort ? 12 + Math.floor(random() * 48) : 60 + Math.floor(random() * 2400)
  const views = Math.floor(10 ** (2 + random() * 4.5))
  const resource = {
    kind: 'youtube#video',
    id,
    snippet: {
      publishedAt: published.toISOString().replace(/\.\d+Z$/, 'Z'),
      channelId,
      title: `${pick(random, titles)}${isShort && random() < 0.5 ? ' #shorts' : ''}`,
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
      ...(random() < 0.05 ? {} : { likeCount: String(Math.floor(views * (0.01 + random() * 0.07))) }),
      favoriteCount: '0',
      ...(random() < 0.07 ? {} : { commentCount: String(Math.floor(views * random() * 0.01)) }),
    },
    player: isShort ? { embedHeight: '1280', embedWidth: '720' } : { embedHeight: '720', embedWidth: '1280' },
  }
  return { platform: 'youtube', kind: 'post', account: channelId, id, at: published.toISOString(), resource }
}

function description(random: () => number): string {
  const parts: string[] = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, sentences))
  if (random() < 0.5) parts.push(`With @${pick(random, brands).handle} and ${pick(random, brands).name}`)
  parts.push(Array.from({ length: Math.floor(random() * 4) }, () => pick(random, hashtags)).join(' '))
  return random() < 0.04 ? '' : parts.join('\n').trim()
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
