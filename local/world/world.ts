import * as z from 'zod'
import type { AccessMode, Platform } from '#shared/model/account.ts'
import type { BrandInput } from '#shared/model/brand.ts'
import { platformOf } from '#shared/platforms/index.ts'

/** One line of a dataset: what the platform's API said of one id at one time; null: gone from then on. */
export interface Observation {
  readonly platform: Platform
  readonly kind: 'profile' | 'post'
  readonly account: string
  readonly id: string
  readonly at: string
  readonly resource: Readonly<Record<string, unknown>> | null
}

export interface SeenPost {
  readonly id: string
  readonly account: string
  readonly resource: Readonly<Record<string, unknown>>
}

/** What a simulator serves: the state of every id at the time of asking. */
export interface World {
  readonly name: string
  /** Brands that its texts and pictures name, and what they are called on platforms. */
  readonly brands: readonly BrandInput[]
  /** Whose an account is, and for whom it is followed. null: nothing is known of that. */
  ownersOf(platform: Platform, id: string): { readonly brand: string; readonly client: string } | null
  /** Native ids of all accounts of a platform, gone ones included. */
  accounts(platform: Platform): string[]
  profile(platform: Platform, id: string): Readonly<Record<string, unknown>> | null
  /** Key under which the posts of an account stand; on YouTube its id, elsewhere its name. null: not there. */
  accountOf(platform: Platform, id: string): string | null
  profiles(platform: Platform): Iterable<Readonly<Record<string, unknown>>>
  post(platform: Platform, id: string): SeenPost | null
  postsOf(platform: Platform, account: string): SeenPost[]
  /** By which right an account is read: what is public, or what its owner lets us see. */
  accessMode(platform: Platform, id: string): AccessMode
}

/** By which right an account is read without an owner's consent, as settings are by default; else with it. */
export function usualAccess(platform: Platform): AccessMode {
  const { openAccess, planning } = platformOf(platform)
  return openAccess(z.object(planning).parse({}) as never) ?? 'own_oauth'
}

interface Line {
  readonly at: number
  readonly account: string
  readonly resource: Readonly<Record<string, unknown>> | null
}

/**
 * A world over observations. `asOf` returns the time up to which lines count; null means settled: every id as on its
 * last line. Of two lines with the same time the later one wins.
 */
export function worldOf(name: string, observations: Iterable<Observation>, asOf: () => Date | null): World {
  const profiles = new Map<string, Line[]>()
  const posts = new Map<string, Line[]>()
  const postIds = new Map<string, Set<string>>()
  for (const { platform, kind, account, id, at, resource } of observations) {
    const lines = kind === 'profile' ? profiles : posts
    const key = `${platform} ${id}`
    const line = { at: Date.parse(at), account, resource }
    lines.get(key)?.push(line) ?? lines.set(key, [line])
    if (kind === 'post') {
      const ofAccount = `${platform} ${account}`
      postIds.get(ofAccount)?.add(id) ?? postIds.set(ofAccount, new Set([id]))
    }
  }
  const state = (lines: readonly Line[] | undefined): Line | undefined => {
    const now = asOf()?.getTime() ?? Number.POSITIVE_INFINITY
    return lines?.findLast((line) => line.at <= now)
  }
  const post = (platform: Platform, id: string): SeenPost | null => {
    const line = state(posts.get(`${platform} ${id}`))
    return line?.resource ? { id, account: line.account, resource: line.resource } : null
  }
  const accounts = (platform: Platform) =>
    [...profiles.keys()].flatMap((key) =>
      key.startsWith(`${platform} `) ? [key.slice(platform.length + 1)] : [],
    )
  return {
    name,
    brands: [],
    ownersOf: () => null,
    accounts,
    profile: (platform, id) => state(profiles.get(`${platform} ${id}`))?.resource ?? null,
    accountOf: (platform, id) => state(profiles.get(`${platform} ${id}`))?.account ?? null,
    *profiles(platform) {
      for (const id of accounts(platform)) {
        const resource = state(profiles.get(`${platform} ${id}`))?.resource
        if (resource) yield resource
      }
    },
    post,
    accessMode: usualAccess,
    postsOf: (platform, account) =>
      [...(postIds.get(`${platform} ${account}`) ?? [])]
        .flatMap((id) => post(platform, id) ?? [])
        .filter((seen) => seen.account === account),
  }
}
