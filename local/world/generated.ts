import { type Brand, followersAt, namesAt, type PostLife, postLife, postsAtStart } from './life.ts'
import { fraction } from './random.ts'
import { brands } from './vocabulary.ts'
import { type Observation, type SeenPost, usualAccess, type World } from './world.ts'
import { channelResource, idOf, videoResource } from './youtube-resources.ts'

const dayMs = 86_400_000

interface Channel {
  readonly id: string
  readonly brand: Brand
  /** Lives of the posts published so far, the oldest first. */
  readonly lives: { readonly id: string; readonly life: PostLife }[]
  /** The one published next. */
  next: { readonly id: string; readonly life: PostLife }
  nextNumber: number
}

/**
 * A small world, the same for the same seed and start: some two dozen invented brands with over 1,500 posts. It lives
 * on its clock: posts are published, edited and deleted, likes are hidden, brands take other names, numbers grow.
 */
export function generatedWorld(seed: string, start: Date, now: () => Date): World {
  const channels = new Map(
    brands.map((brand) => channelOf(seed, brand, start)).map((channel) => [channel.id, channel]),
  )
  const owners = new Map<string, { readonly channel: Channel; readonly life: PostLife }>()
  /** Publishes what is due by now; the time. */
  const live = (): number => {
    const time = now().getTime()
    for (const channel of channels.values()) {
      publish(seed, channel, start, time)
      for (let index = channel.lives.length - 1; index >= 0; index -= 1) {
        const post = channel.lives[index]
        if (!post || owners.has(post.id)) break
        owners.set(post.id, { channel, life: post.life })
      }
    }
    return time
  }
  const seen = (id: string, channel: Channel, life: PostLife, time: number): SeenPost | null =>
    life.publishedAt > time || life.deletedAt <= time
      ? null
      : { id, account: channel.id, resource: videoResource(channel.id, id, life, time) }
  const profile = (id: string) => {
    const time = live()
    const channel = channels.get(id)
    return channel ? channelAt(seed, channel, start, time) : null
  }
  return {
    name: 'generated world',
    accounts: (platform) => (platform === 'youtube' ? [...channels.keys()] : []),
    profile: (platform, id) => (platform === 'youtube' ? profile(id) : null),
    accountOf: (platform, id) => (platform === 'youtube' && channels.has(id) ? id : null),
    *profiles(platform) {
      if (platform !== 'youtube') return
      const time = live()
      for (const channel of channels.values()) yield channelAt(seed, channel, start, time)
    },
    accessMode: (platform) => usualAccess[platform],
    post: (_platform, id) => {
      const time = live()
      const owner = owners.get(id)
      return owner ? seen(id, owner.channel, owner.life, time) : null
    },
    postsOf: (_platform, account) => {
      const time = live()
      const channel = channels.get(account)
      return channel?.lives.flatMap(({ id, life }) => seen(id, channel, life, time) ?? []) ?? []
    },
  }
}

function channelOf(seed: string, brand: Brand, start: Date): Channel {
  const id = `UC${idOf(`${seed} ${brand.handle}`, 22)}`
  const count = postsAtStart(seed, brand)
  const lives = Array.from({ length: count }, (_, index) => numbered(seed, id, count - 1 - index, start))
  return { id, brand, lives, next: numbered(seed, id, -1, start), nextNumber: -1 }
}

function numbered(seed: string, channelId: string, number: number, start: Date) {
  const life = postLife(seed, channelId, number, start)
  return { id: idOf(life.key, 11), life }
}

function publish(seed: string, channel: Channel, start: Date, time: number): void {
  while (channel.next.life.publishedAt <= time) {
    channel.lives.push(channel.next)
    channel.nextNumber -= 1
    channel.next = numbered(seed, channel.id, channel.nextNumber, start)
  }
}

function channelAt(seed: string, { id, brand, lives }: Channel, start: Date, time: number) {
  const present = lives.filter(({ life }) => life.publishedAt <= time && life.deletedAt > time)
  const earlier = Math.floor(fraction(`views ${id}`) * 90_000_000) + 10_000
  return channelResource({
    id,
    brand,
    names: namesAt(seed, brand, start, time),
    createdAt: new Date(start.getTime() - (900 + brands.indexOf(brand) * 31) * dayMs),
    subscribers: followersAt(id, start, time),
    videos: present.length,
    views: present.reduce((sum, { life }) => sum + life.countersAt(time).views, earlier),
  })
}

/** The world at its start as observations, each post from its publication on: for tests that write their own future. */
export function observationsAt(seed: string, start: Date): Observation[] {
  const world = generatedWorld(seed, start, () => start)
  return world.accounts('youtube').flatMap((account): Observation[] => {
    const profile = world.profile('youtube', account)
    const posts = world.postsOf('youtube', account).map(({ id, resource }): Observation => {
      const { publishedAt } = (resource as { snippet: { publishedAt: string } }).snippet
      return { platform: 'youtube', kind: 'post', account, id, at: publishedAt, resource }
    })
    return [
      {
        platform: 'youtube',
        kind: 'profile',
        account,
        id: account,
        at: '1970-01-01T00:00:00.000Z',
        resource: profile,
      },
      // Newest first, as the platform lists them.
      ...posts.reverse(),
    ]
  })
}
