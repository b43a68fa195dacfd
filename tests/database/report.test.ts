import { expect, test } from 'vitest'
import { countDays } from '#shared/db/operations/count-days.ts'
import { openPool } from '#shared/db/pool.ts'
import { raw, sql } from '#shared/db/sql.ts'
import { questions } from '../../bench/questions.ts'
import { generateReportWorld } from '../../bench/report-world.ts'
import { openTestDatabase } from '../setup/database.ts'
import { urlOf } from '../setup/roles.ts'
import { unstopped } from '../setup/signal.ts'

/** Numbers as the generated rows follow from theirs. */
const posts = Array.from({ length: 10_000 }, (_, place) => {
  const id = place + 1
  const account = 1 + Math.floor(place / 100)
  const platform = ['youtube', 'instagram', 'tiktok'][account % 3]
  const kind = ['video', 'short_video', 'image', 'carousel'][id % 4] ?? ''
  const hasViews = platform !== 'instagram' || kind.includes('video')
  return {
    ...{ id, account, kind },
    brand: 1 + Math.floor((account - 1) / 10),
    views: hasViews ? 1_000 + ((id * 31) % 100_000) : null,
    likes: id % 20 > 0 ? (id * 17) % 5_000 : null,
    comments: id % 90,
    daysAgo: (id * 7919) % 400,
    isDeleted: id % 199 === 0 && (id * 7919) % 400 > 4,
  }
})

test('every question of docs/ANALYTICS.md is answered as reckoned by hand, over 10,000 posts', {
  timeout: 120_000,
}, async () => {
  const { db, url } = await openTestDatabase()
  await generateReportWorld(db, { posts: posts.length, postsPerAccount: 100, days: 8 }, () => undefined)
  await countDays(db, 'UTC', unstopped)
  await db.rows(raw('analyze'))
  const reader = openPool({ url: urlOf(url, 'social_sync_read'), max: 1 })
  const answers = new Map<string, Record<string, unknown>[]>()
  for (const { title, text } of questions) answers.set(title, await reader.rows(raw(text)))
  await reader.end()
  const answer = (start: string) => [...answers].find(([title]) => title.startsWith(start))?.[1] ?? []
  expect(answers.size).toBe(8)
  for (const [title, rows] of answers) expect(rows.length, title).toBeGreaterThan(0)

  // Each account gains its number modulo seven a day; on the first of eight days nothing is known to be gained.
  const gained = (brand: number) =>
    Array.from({ length: 10 }, (_, place) => ((brand - 1) * 10 + place + 1) % 7).reduce(
      (sum, one) => sum + one,
      0,
    )
  const growth = answer('How much did each brand grow')
  const ofBrand = growth
    .filter(({ brand }) => brand === 'Brand 2')
    .map((row) => Number(row['followers_gained']))
  expect(ofBrand.reduce((sum, one) => sum + one, 0)).toBe(gained(2) * 7)
  expect(new Set(growth.map(({ brand }) => brand)).size).toBe(10)

  const [today] = await db.rows<{ first: Date; last: Date; now: Date }>(sql`
    select date_trunc('month', report.today()) - interval '1 month' as first, date_trunc('month', report.today()) as last, app_now() as now`)
  const publishedAt = ({ daysAgo, id }: (typeof posts)[number]) =>
    new Date((today?.now.getTime() ?? 0) - daysAgo * 86_400_000 - (id % 24) * 3_600_000)
  const inMonth = (post: (typeof posts)[number]) =>
    publishedAt(post) >= (today?.first ?? 0) && publishedAt(post) < (today?.last ?? 0)
  const best = posts
    .filter(
      (post) =>
        post.brand === 1 && !post.isDeleted && inMonth(post) && post.views !== null && post.likes !== null,
    )
    .map(({ id, views, likes, comments }) => ({ id, rate: ((likes ?? 0) + comments) / (views ?? 1) }))
    .sort((a, b) => b.rate - a.rate || a.id - b.id)
    .slice(0, 5)
  expect(answer('Which posts of a brand did best').map(({ title }) => title)).toEqual(
    best.map(({ id }) => `Post ${id}`),
  )

  const named = posts.filter(({ id, brand, daysAgo }) => 1 + (id % 10) === 1 && brand !== 1 && daysAgo < 29)
  const mentions = answer('Who mentions a brand')
  expect(new Set(mentions.map(({ source }) => source))).toEqual(
    new Set(['text', 'handle', 'dictionary', 'ml_text', 'ml_image']),
  )
  expect(mentions.length).toBe(
    Math.min(
      100,
      named.flatMap(({ id }) => [id % 3 === 0, id % 5 === 0, id % 4 === 0, id % 4 === 0].filter(Boolean))
        .length,
    ),
  )

  expect(answer('What does each day').length).toBe(8)
  expect(Number(answer('What does each day').at(-1)?.['followers_gained'])).toBe(gained(1))
  // A post that was seen for the first time yesterday gained all that it had then.
  const seenAt = (account: number, daysAgo: number) =>
    (today?.now.getTime() ?? 0) - 3_600_000 - (1_000 - account) * 36_000 - daysAgo * 86_400_000
  const newest = posts.filter(
    (post) =>
      publishedAt(post).getTime() >= seenAt(post.account, 2) &&
      publishedAt(post).getTime() < seenAt(post.account, 1),
  )
  expect(Number(answer('Which posts gain most')[0]?.['views_gained'])).toBe(
    Math.max(...newest.map(({ id, views }) => (views ?? 0) - (id % 9))),
  )
  const shares = answer('What share').filter(({ brand }) => brand === 'Brand 3')
  expect(shares.map(({ posts: count }) => Number(count)).reduce((sum, one) => sum + one, 0)).toBe(
    posts.filter(
      ({ brand, isDeleted, ...post }) =>
        brand === 3 &&
        !isDeleted &&
        publishedAt({ brand, isDeleted, ...post }) >=
          new Date(Math.floor((today?.now.getTime() ?? 0) / 86_400_000 - 90) * 86_400_000),
    ).length,
  )
  expect(answer('What was deleted').length).toBe(
    posts.filter(
      ({ isDeleted, daysAgo, id }) =>
        isDeleted && daysAgo * 24 + (id % 24) < 10 * 24 && daysAgo * 24 + (id % 24) > 3 * 24,
    ).length,
  )
  expect(answer('When is the best hour').every(({ hour }) => Number(hour) >= 0 && Number(hour) < 24)).toBe(
    true,
  )
})
