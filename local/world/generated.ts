import type { Platform } from '#shared/model/account.ts'
import { instagramSite } from './instagram-resources.ts'
import { followersAt, namesAt, type PostLife, postLife, postsAtStart } from './life.ts'
import { fraction } from './random.ts'
import type { Presence, Site } from './site.ts'
import { tiktokSite } from './tiktok-resources.ts'
import { brands, clients } from './vocabulary.ts'
import { type Observation, type SeenPost, usualAccess, type World } from './world.ts'
import { youtubeSite } from './youtube-resources.ts'

const dayMs = 86_400_000
const sites = new Map<Platform, Site>([
  ['youtube', youtubeSite],
  ['instagram', instagramSite],
  ['tiktok', tiktokSite],
])
function siteOf(platform: Platform): Site {
  const site = sites.get(platform)
  if (!site) throw new Error(`the generated world has no ${platform}`)
  return site
}

interface Post {
  readonly id: string
  readonly life: PostLife
}

interface Account extends Presence {
  readonly platform: Platform
  readonly number: number
  /** Lives of the posts published so far, the oldest first. */
  readonly posts: Post[]
  /** The one published next. */
  next: Post
  nextNumber: number
}

interface Epoch {
  readonly seed: string
  readonly start: Date
}

/**
 * A small world, the same for the same seed and start: two dozen invented brands on three platforms. It lives on its
 * clock: posts are published, edited and deleted, likes are hidden, brands take other names, numbers grow. `size`: only so
 * many of the brands.
 */
export function generatedWorld(
  seed: string,
  start: Date,
  now: () => Date,
  size: number = brands.length,
): World {
  const epoch = { seed, start }
  const accounts = new Map(
    [...sites.keys()].flatMap((platform) =>
      accountsOn(epoch, platform, size).map((account) => [`${platform} ${account.id}`, account]),
    ),
  )
  const owners = new Map<string, { readonly account: Account; readonly post: Post }>()
  /** Publishes what is due by now; the time. */
  const live = (): number => {
    const time = now().getTime()
    for (const account of accounts.values()) {
      publish(epoch, account, time)
      for (let index = account.posts.length - 1; index >= 0; index -= 1) {
        const post = account.posts[index]
        const key = `${account.platform} ${post?.id}`
        if (!post || owners.has(key)) break
        owners.set(key, { account, post })
      }
    }
    return time
  }
  const seen = (account: Account, { id, life }: Post, time: number): SeenPost | null => {
    if (life.publishedAt > time || life.deletedAt <= time) return null
    const { handle } = namesAt(seed, account.brand, start, time)
    const resource = siteOf(account.platform).post(account, id, life, time, handle)
    return { id, account: account.id, resource }
  }
  const on = (platform: Platform) => [...accounts.values()].filter((account) => account.platform === platform)
  return {
    name: 'generated world',
    brands: brands.map(({ name, handle }, number) => ({
      name,
      aliases: [handle],
      handles: [...sites].flatMap(([platform, site]) =>
        site.isThere(number) ? [{ platform, handle: site.username(handle) }] : [],
      ),
    })),
    ownersOf: (platform, id) => {
      const account = accounts.get(`${platform} ${id}`)
      const client = clients[(account?.number ?? 0) % clients.length]
      return account && client ? { brand: account.brand.name, client } : null
    },
    accounts: (platform) => on(platform).map(({ id }) => id),
    profile: (platform, id) => {
      const time = live()
      const account = accounts.get(`${platform} ${id}`)
      return account ? profileAt(epoch, account, time) : null
    },
    accountOf: (platform, id) => (accounts.has(`${platform} ${id}`) ? id : null),
    accessMode: (platform, id) => {
      const account = accounts.get(`${platform} ${id}`)
      return account && siteOf(platform).isOwned(account.number) ? 'own_oauth' : usualAccess(platform)
    },
    *profiles(platform) {
      const time = live()
      for (const account of on(platform)) yield profileAt(epoch, account, time)
    },
    post: (platform, id) => {
      const time = live()
      const owner = owners.get(`${platform} ${id}`)
      return owner ? seen(owner.account, owner.post, time) : null
    },
    postsOf: (platform, id) => {
      const time = live()
      const account = accounts.get(`${platform} ${id}`)
      return account?.posts.flatMap((post) => seen(account, post, time) ?? []) ?? []
    },
  }
}

function accountsOn(epoch: Epoch, platform: Platform, size: number): Account[] {
  const site = siteOf(platform)
  return brands.slice(0, size).flatMap((brand, number) => {
    if (!site.isThere(number)) return []
    const id = site.accountId(`${epoch.seed} ${brand.handle}`)
    const count = postsAtStart(epoch.seed, brand)
    const posts = Array.from({ length: count }, (_, index) =>
      numbered(epoch, platform, id, count - 1 - index),
    )
    return [{ platform, id, brand, number, posts, next: numbered(epoch, platform, id, -1), nextNumber: -1 }]
  })
}

function numbered({ seed, start }: Epoch, platform: Platform, accountId: string, number: number): Post {
  const life = postLife(seed, accountId, number, start)
  return { id: siteOf(platform).postId(life), life }
}

function publish(epoch: Epoch, account: Account, time: number): void {
  while (account.next.life.publishedAt <= time) {
    account.posts.push(account.next)
    account.nextNumber -= 1
    account.next = numbered(epoch, account.platform, account.id, account.nextNumber)
  }
}

function profileAt({ seed, start }: Epoch, { platform, id, brand, number, posts }: Account, time: number) {
  const present = posts.filter(({ life }) => life.publishedAt <= time && life.deletedAt > time)
  const counters = present.map(({ life }) => life.countersAt(time))
  const earlier = Math.floor(fraction(`views ${id}`) * 90_000_000) + 10_000
  return siteOf(platform).profile({
    id,
    brand,
    names: namesAt(seed, brand, start, time),
    createdAt: new Date(start.getTime() - (900 + number * 31) * dayMs),
    followers: followersAt(id, start, time),
    posts: present.length,
    views: counters.reduce((sum, { views }) => sum + views, earlier),
    likes: counters.reduce((sum, { likes }) => sum + likes, 0),
  })
}

/**
 * The channels of the world at its start as observations, each video from its publication on: for tests that write their own
 * future.
 */
export function observationsAt(seed: string, start: Date): Observation[] {
  const world = generatedWorld(seed, start, () => start)
  return world.accounts('youtube').flatMap((account): Observation[] => {
    const line = { platform: 'youtube' as const, account }
    const posts = world.postsOf('youtube', account).map(({ id, resource }): Observation => {
      const { publishedAt } = (resource as { snippet: { publishedAt: string } }).snippet
      return { ...line, kind: 'post', id, at: publishedAt, resource }
    })
    const profile = world.profile('youtube', account)
    return [
      { ...line, kind: 'profile', id: account, at: '1970-01-01T00:00:00.000Z', resource: profile },
      // Newest first, as the platform lists them.
      ...posts.reverse(),
    ]
  })
}
