import type { Brand, PostLife } from './life.ts'

type Resource = Readonly<Record<string, unknown>>

/** An account of a brand. */
export interface Presence {
  readonly id: string
  readonly brand: Brand
}

export interface ProfileFacts extends Presence {
  readonly names: { readonly title: string; readonly handle: string }
  readonly createdAt: Date
  readonly followers: number
  readonly posts: number
  readonly views: number
  readonly likes: number
}

/** How brands are present on one platform, in its ids and shapes. `number` is the brand's place in the list. */
export interface Site {
  isThere(number: number): boolean
  /** Whether the brand's owner lets us in. */
  isOwned(number: number): boolean
  accountId(key: string): string
  /** A brand's handle as the platform allows it. */
  username(handle: string): string
  postId(life: PostLife): string
  profile(facts: ProfileFacts): Resource
  post(presence: Presence, id: string, life: PostLife, time: number, handle: string): Resource
}
