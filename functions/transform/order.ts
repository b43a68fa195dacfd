import type { Sighting } from './read.ts'

/**
 * Sightings by time, then by page id, then by place in the page. A sighting is superseded when a later one of the same moment
 * holds everything that it holds. Pure.
 */
export function inOrder<Seen>(
  unsorted: readonly Sighting<Seen>[],
  saysAllOf: (later: Seen, earlier: Seen) => boolean,
): { readonly sightings: Sighting<Seen>[]; readonly superseded: Sighting<Seen>[] } {
  const sorted = unsorted.toSorted((a, b) => timeOf(a) - timeOf(b) || Number(a.page.id) - Number(b.page.id))
  const superseded = sorted.filter((sighting, place) =>
    sorted
      .slice(place + 1)
      .some((later) => timeOf(later) === timeOf(sighting) && saysAllOf(later.record, sighting.record)),
  )
  return { superseded, sightings: sorted.filter((sighting) => !superseded.includes(sighting)) }
}

const timeOf = ({ page }: Sighting<unknown>) => page.fetched_at.getTime()
