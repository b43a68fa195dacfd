import type { Subject } from '../model/account.ts'
import type { PostRecord } from '../model/post.ts'
import type { ProfileRecord } from '../model/profile.ts'
import type { QuotaNeed } from '../model/quota.ts'
import type { Cursor } from '../model/sync.ts'

/** One raw answer. `body` is the text as it came, scrubbed of keys. */
interface Answer extends Received {
  readonly body: string
}

/** What any answer has beside its content. */
export interface Received {
  /** performance.now() when it had arrived. */
  readonly answeredAt: number
  /** What the platform itself counts as used of our pools, where its headers say so. */
  readonly usage?: readonly PoolUsage[]
}

/** Units used of the window that is open, as the platform counts; never below what we reserved ourselves. */
export interface PoolUsage {
  readonly pool: string
  readonly used: number
}

/** One answer that lists posts. */
export interface Listing extends Answer {
  readonly items: readonly { readonly id: string; readonly published_at: Date | null }[]
  /** Ids that need a lookup; empty where the listing has every field. */
  readonly lookup: readonly string[]
  readonly next: string | null
  /** All posts from this time on are listed by this page and those before it. null or absent: the items show it. */
  readonly back_to?: Date | null
  /**
   * As many posts were listed as the account has: a walk that does not look for deleted posts may stop here.
   */
  readonly is_enough?: boolean
}

/** A call that carries many keys; `partFor` cuts out the answer for some of them, in the same envelope. */
export interface LookupAnswer<Key> extends Received {
  partFor(keys: readonly Key[]): LookupPart
}
export interface LookupPart {
  readonly body: string
  /** How many of the keys the answer knows. */
  readonly found: number
  /** The platform's reference to the list of posts, where the answer names one. */
  readonly list_ref: string | null
  /** Posts the account has, as the platform counts them. null: not reported. */
  readonly posts: number | null
  /** Ids that the answer says nothing of: neither found nor missing. */
  readonly unanswered: readonly string[]
  /** The first page of posts, where the same answer holds it. null: the list is asked for by calls of its own. */
  readonly listing: Listing | null
}
export interface Lookup<Key> {
  readonly endpoint: string
  need(keys: readonly Key[]): QuotaNeed
  /** Keys one call carries. */
  readonly size: number
  /** Cuts items into calls of that size; keys that cannot share a call get calls of their own. */
  batches<Item>(items: readonly Item[], keyOf: (item: Item) => Key): Item[][]
  ask(keys: readonly Key[], signal: AbortSignal): Promise<LookupAnswer<Key>>
}

/** A post asked about by its id, and the account by whose right. */
export interface AskedPost {
  readonly id: string
  readonly subject: Subject
}

/** A field of a record that is not as the platform documents it: it is left out, or kept where it is a new value. */
export interface FieldIssue {
  /** Its place in the record. */
  readonly field: string
  readonly code: string
  readonly message: string
  readonly value: unknown
}

/** One record of an answer: understood, perhaps without some of its fields, or refused with its place and faults. */
export type ReadRecord<T> =
  | { readonly ok: true; readonly record: T; readonly issues: readonly FieldIssue[] }
  | {
      readonly ok: false
      readonly path: string
      readonly cause: string
      readonly issues: unknown
      readonly raw: unknown
    }

export interface PageRecords {
  readonly profiles: readonly ReadRecord<ProfileRecord>[]
  readonly posts: readonly ReadRecord<PostRecord>[]
  /** The platform says that the account asked about is not there. */
  readonly accountMissing: boolean
}

/**
 * The calls by which accounts are read by one right. Errors thrown are verdicts (see errors.ts); Stopped when the signal aborts.
 */
export interface Connector {
  /** Finds the account and its list; asked once per claim for many accounts where the platform can. */
  readonly profiles: Lookup<Subject>
  /** The walk over the posts, one call a page. */
  readonly list: {
    readonly endpoint: string
    need(subject: Subject): QuotaNeed
    /** Posts after which the platform or we stop. */
    readonly cap: number
    /** Posts older than this are not asked for. null or absent: all are. */
    readonly floor?: Date | null
    ask(subject: Subject, cursor: Cursor, signal: AbortSignal): Promise<Listing>
  }
  /** The call about ids that a listing names without all fields; null where listings have every field. */
  readonly posts: Lookup<AskedPost> | null
  /** Asked for the numbers of known posts; null where posts cannot be asked about by id, and lists are walked instead. */
  readonly refresh: Lookup<AskedPost> | null
}
