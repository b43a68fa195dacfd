import { expect, test } from 'vitest'
import { generatedWorld, observationsAt } from '../../local/world/generated.ts'

const start = new Date('2026-11-01T00:00:00Z')

test('the generated world is the same for the same seed and start, and another for another seed', () => {
  expect(observationsAt('a', start)).toEqual(observationsAt('a', start))
  expect(observationsAt('b', start)).not.toEqual(observationsAt('a', start))
})

test('the generated world has at least 20 brands and 1,500 posts, varied and in many scripts', () => {
  const lines = observationsAt('social-sync', start)
  const posts = lines.filter((line) => line.kind === 'post')
  expect(lines.length - posts.length).toBeGreaterThanOrEqual(20)
  expect(posts.length).toBeGreaterThanOrEqual(1500)
  expect(new Set(lines.map((line) => `${line.kind} ${line.id}`)).size).toBe(lines.length)
  const text = JSON.stringify(posts)
  for (const script of [
    'Latin',
    'Cyrillic',
    'Han',
    'Hangul',
    'Devanagari',
    'Arabic',
    'Thai',
    'Extended_Pictographic',
  ])
    expect(text, script).toMatch(
      new RegExp(`\\p{${script === 'Extended_Pictographic' ? script : `Script=${script}`}}`, 'u'),
    )
  const statistics = posts.map(({ resource }) => (resource as { statistics: object }).statistics)
  expect(statistics.some((counts) => !('likeCount' in counts))).toBe(true)
  expect(statistics.some((counts) => !('commentCount' in counts))).toBe(true)
})

const dayMs = 86_400_000

/** The world of one seed as it stands some days after its start. */
const worldAfter = (days: number) =>
  generatedWorld('life', start, () => new Date(start.getTime() + days * dayMs))
const videosOf = (world: ReturnType<typeof worldAfter>) =>
  new Map(
    world
      .accounts('youtube')
      .flatMap((account) =>
        world
          .postsOf('youtube', account)
          .map(({ id, resource }) => [
            id,
            resource as { snippet: { title: string }; statistics: { viewCount: string; likeCount?: string } },
          ]),
      ),
  )

test('the generated world lives: it publishes, edits, deletes, hides likes, renames, and its numbers grow', () => {
  const [before, after] = [videosOf(worldAfter(0)), videosOf(worldAfter(40))]
  const kept = [...before].flatMap(([id, video]) => {
    const later = after.get(id)
    return later ? [{ video, later }] : []
  })
  expect([...after.keys()].filter((id) => !before.has(id)).length).toBeGreaterThan(200)
  expect(before.size - kept.length).toBeGreaterThan(5)
  expect(
    kept.filter(({ video, later }) => video.snippet.title !== later.snippet.title).length,
  ).toBeGreaterThan(20)
  expect(kept.some(({ video, later }) => video.statistics.likeCount && !later.statistics.likeCount)).toBe(
    true,
  )
  const grown = kept.filter(
    ({ video, later }) => Number(later.statistics.viewCount) > Number(video.statistics.viewCount),
  )
  expect(grown.length).toBeGreaterThan(100)
  const handles = (days: number) =>
    [...worldAfter(days).profiles('youtube')].map(
      ({ snippet }) => (snippet as { customUrl: string }).customUrl,
    )
  expect(handles(40)).not.toEqual(handles(0))
})

test('at one time the generated world is the same, whenever it was looked at before', () => {
  const time = { now: start }
  const watched = generatedWorld('life', start, () => time.now)
  for (const days of [1, 2, 7, 20]) {
    time.now = new Date(start.getTime() + days * dayMs)
    videosOf(watched)
  }
  expect(videosOf(watched)).toEqual(videosOf(worldAfter(20)))
})
