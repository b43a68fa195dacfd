import type { PageCounts } from '#shared/db/tables/raw-pages.ts'
import type { ReadPage } from './read.ts'

/** What became of one record. normalised: it wrote or changed a row; duplicate: another of the batch superseded it. */
export type Outcome = 'normalised' | 'unchanged' | 'stale' | 'duplicate'

/** Counts outcomes by page. */
export class Tally {
  readonly #counts = new Map<string, Record<Outcome, number>>()

  add(pageId: string, outcome: Outcome): void {
    this.#of(pageId)[outcome] += 1
  }

  /** One line per page; the parts add up to the records it held. */
  lines(pages: readonly ReadPage[]): PageCounts[] {
    return pages.map(({ page, profiles, posts, known, refused }) => ({
      id: page.id,
      records_in: profiles.length + posts.length + known.length + refused.length,
      ...this.#of(page.id),
      quarantined: refused.length,
    }))
  }

  #of(pageId: string): Record<Outcome, number> {
    const known = this.#counts.get(pageId) ?? { normalised: 0, unchanged: 0, stale: 0, duplicate: 0 }
    this.#counts.set(pageId, known)
    return known
  }
}
