import type { NewQuarantined } from '#shared/db/tables/quarantined-records.ts'
import type { ClaimedPage } from '#shared/db/tables/raw-pages.ts'
import type { NewRecordIssue } from '#shared/db/tables/record-issues.ts'
import { TerminalError } from '#shared/errors.ts'
import type { PostMetrics, PostRecord } from '#shared/model/post.ts'
import type { ProfileRecord } from '#shared/model/profile.ts'
import type { readPage } from '#shared/platforms/index.ts'
import type { FieldIssue, ReadRecord } from '#shared/platforms/platform.ts'

/** Turns a stored answer into records; as `readPage` of all platforms does. */
export type ReadBody = typeof readPage

/** One record as it was seen: on which page, at what time. */
export interface Sighting<Seen> {
  readonly page: ClaimedPage
  readonly record: Seen
  /** Hash of what the answer says beside numbers, by which the same is recognised. Absent: it is not to be relied on. */
  readonly raw?: string | undefined
}

/** A page understood, before anything is written. */
export interface ReadPage {
  readonly page: ClaimedPage
  readonly profiles: readonly Sighting<ProfileRecord>[]
  readonly posts: readonly Sighting<PostRecord>[]
  /** Posts of which the answer says nothing new but numbers. */
  readonly known: readonly KnownSighting[]
  readonly refused: readonly NewQuarantined[]
  /** Fields of the records understood that are not as the platform documents them. */
  readonly issues: readonly NewRecordIssue[]
  readonly accountMissing: boolean
  /** Ids of posts asked about that are not in the answer. */
  readonly missed: readonly string[]
}

/** A post recognised by what an answer says of it. */
export interface KnownSighting {
  readonly page: ClaimedPage
  readonly post_id: string
  readonly native_id: string
  readonly group: 'listing' | 'detail'
  readonly raw: string
  readonly metrics: PostMetrics | null
}

/** What is known of a page before it is read: posts recognised in it, its text without them, and hashes of the others. */
export interface Recognised {
  /** null: it is gone. */
  readonly body: string | null
  readonly known: readonly KnownSighting[]
  readonly rawOf: ReadonlyMap<string, string>
}

/** Parses a stored page. Throws a TerminalError when the answer as a whole cannot be read, or is gone. */
export function read(
  page: ClaimedPage,
  readBody: ReadBody,
  { body, known, rawOf }: Recognised = { body: page.body, known: [], rawOf: new Map() },
): ReadPage {
  if (body === null)
    throw new TerminalError('the answer is gone from its store, or damaged', { reason: 'body_gone' })
  const { profiles, posts, accountMissing } = readBody(page.platform, page.endpoint, body)
  const seen = posts.flatMap((one): Sighting<PostRecord>[] => {
    if (!one.ok) return []
    const { record, issues } = one
    return [{ page, record, raw: issues.length === 0 ? rawOf.get(record.native_id) : undefined }]
  })
  return {
    page,
    profiles: sightings(page, profiles),
    posts: seen,
    known,
    refused: [...profiles, ...posts].flatMap((one) => refusal(page, one)),
    issues: [...profiles, ...posts].flatMap((one) => issuesOf(page, one)),
    accountMissing,
    missed: missedOf(page, posts, known),
  }
}

/** The id of a refused record is unknown: then no post counts as missed. */
function missedOf(
  { asked }: ClaimedPage,
  posts: readonly ReadRecord<PostRecord>[],
  known: readonly KnownSighting[],
): string[] {
  if (!asked || posts.some(({ ok }) => !ok)) return []
  const found = new Set(posts.flatMap((one) => (one.ok ? [one.record.native_id] : [])))
  for (const { native_id } of known) found.add(native_id)
  return asked.filter((id) => !found.has(id))
}

function sightings<Seen>(page: ClaimedPage, records: readonly ReadRecord<Seen>[]): Sighting<Seen>[] {
  return records.flatMap((one) => (one.ok ? [{ page, record: one.record }] : []))
}

function refusal(page: ClaimedPage, one: ReadRecord<unknown>): NewQuarantined[] {
  if (one.ok) return []
  const { path, cause, issues, raw } = one
  return [{ raw_page_id: page.id, account_id: page.account_id, path, cause, issues, record: raw }]
}

function issuesOf(page: ClaimedPage, one: ReadRecord<{ readonly native_id: string }>): NewRecordIssue[] {
  if (!one.ok) return []
  const { account_id, platform, endpoint } = page
  const of = { account_id, platform, endpoint, native_id: one.record.native_id, raw_page_id: page.id }
  return one.issues.map((issue: FieldIssue) => ({ ...of, ...issue, value: shortened(issue.value) }))
}

const longest = 500

/** A value as it came, or the beginning of its JSON. */
function shortened(value: unknown): unknown {
  const text = JSON.stringify(value) ?? 'null'
  return text.length <= longest ? value : text.slice(0, longest).toWellFormed()
}
