import { expect, test } from 'vitest'
import { generateYoutube } from '../../local/world/generated.ts'

const start = new Date('2026-11-01T00:00:00Z')

test('the generated world is the same for the same seed and start, and another for another seed', () => {
  expect(generateYoutube('a', start)).toEqual(generateYoutube('a', start))
  expect(generateYoutube('b', start)).not.toEqual(generateYoutube('a', start))
})

test('the generated world has at least 20 brands and 1,500 posts, varied and in many scripts', () => {
  const lines = generateYoutube('social-sync', start)
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
