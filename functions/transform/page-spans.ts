import type { ClaimedPage, PageCounts } from '#shared/db/tables/raw-pages.ts'
import { count } from '#shared/telemetry/metrics.ts'
import { currentTraceparent, type OpenSpan, openSpan } from '#shared/telemetry/span.ts'

/** Pages being transformed, each with a span in the trace of its sync, linked to the batch. */
export interface TracedPages {
  /** The pages, as they go on: what they plan belongs under their spans. */
  readonly pages: readonly ClaimedPage[]
  /** Ends the spans: with the counts of each page, or with the error that took them all. */
  end(outcome: readonly PageCounts[] | Error): void
}

export function tracePages(claimed: readonly ClaimedPage[]): TracedPages {
  const batch = currentTraceparent()
  const spans = new Map<string, OpenSpan>()
  const pages = claimed.map((page) => {
    const { id, endpoint, platform, attempts } = page
    const attributes = {
      'social_sync.page.id': id,
      'social_sync.platform': platform,
      'social_sync.endpoint': endpoint,
      'social_sync.attempts': attempts,
    }
    const span = openSpan('page', { parent: page.traceparent, links: [batch], attributes })
    spans.set(id, span)
    return { ...page, traceparent: span.traceparent ?? page.traceparent }
  })
  return {
    pages,
    end: (outcome) => {
      if (outcome instanceof Error) for (const span of spans.values()) span.end(outcome)
      else endWell(spans, outcome, pages)
    },
  }
}

const outcomes = ['normalised', 'unchanged', 'stale', 'duplicate', 'quarantined'] as const

function endWell(
  spans: ReadonlyMap<string, OpenSpan>,
  lines: readonly PageCounts[],
  pages: readonly ClaimedPage[],
): void {
  const byPage = new Map(lines.map((line) => [line.id, line]))
  for (const { id, platform } of pages) {
    const line = byPage.get(id)
    for (const outcome of line ? outcomes : []) {
      const records = line?.[outcome] ?? 0
      spans.get(id)?.set({ [`social_sync.records.${outcome}`]: records })
      count('social_sync.records', records, {
        'social_sync.platform': platform,
        'social_sync.outcome': outcome,
      })
    }
    if (line)
      count('social_sync.pages', 1, {
        'social_sync.platform': platform,
        'social_sync.outcome': 'transformed',
      })
    spans.get(id)?.end()
  }
}
