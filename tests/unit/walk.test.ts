import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CursorRefused } from '#shared/errors.ts'
import { type Cursor, firstCursor } from '#shared/model/sync.ts'
import { pages, type WalkGoal } from '#shared/platforms/pages.ts'
import type { Listing } from '#shared/platforms/platform.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 10, 1)
const goal: WalkGoal = { mode: 'incremental', watermark: null, lookBackMs: 7 * dayMs, now: new Date(start) }

/** A list of posts, one a day, newest first, by pages of a size; `refuse` says which asks are refused. */
function listOf(count: number, size: number, refuse: (ask: number) => boolean = () => false) {
  let asks = 0
  return async (cursor: Cursor): Promise<Listing> => {
    asks += 1
    if (cursor.position !== null && refuse(asks)) throw new CursorRefused('moved on')
    const from = Number(cursor.position ?? 0)
    const items = Array.from({ length: Math.max(0, Math.min(size, count - from)) }, (_, index) => ({
      id: `p${from + index}`,
      published_at: new Date(start - (from + index) * dayMs),
    }))
    const next = from + size < count ? String(from + size) : null
    return { body: '{}', answeredAt: 0, items, lookup: items.map(({ id }) => id), next }
  }
}

async function walk(
  ask: (cursor: Cursor) => Promise<Listing>,
  from: Cursor,
  aim: WalkGoal,
  most = Number.POSITIVE_INFINITY,
) {
  let cursor = from
  const seen: string[] = []
  for await (const step of pages(ask, () => cursor, 400, aim)) {
    cursor = step.cursor
    seen.push(...step.listing.items.map(({ id }) => id))
    if (seen.length >= most) break
  }
  return { cursor, seen: new Set(seen) }
}

test('a walk that is cut anywhere and resumed from its cursor sees every post', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 60 }),
      async (count, size, cut) => {
        const ask = listOf(count, size)
        const first = await walk(ask, { ...firstCursor, expected: count }, goal, cut)
        const stored = JSON.parse(JSON.stringify(first.cursor))
        const second = await walk(ask, stored, goal)
        expect(new Set([...first.seen, ...second.seen]).size).toBe(count)
        expect(second.cursor).toMatchObject({
          ended: 'platform',
          page_no: Math.max(1, Math.ceil(count / size)),
        })
        expect(new Set(second.cursor.pending).size).toBe(count)
      },
    ),
  )
})

test('a refused place begins a new walk from page 1', async () => {
  const { cursor, seen } = await walk(
    listOf(25, 10, (ask) => ask === 3),
    firstCursor,
    goal,
  )
  expect(seen.size).toBe(25)
  expect(cursor).toMatchObject({ walk: 2, page_no: 3, ended: 'platform' })
})

test('an incremental walk stops only after a page that is wholly older than the look-back', async () => {
  const aim = { ...goal, watermark: new Date(start - 3 * dayMs) }
  const { cursor, seen } = await walk(listOf(300, 5), firstCursor, aim)
  expect(cursor.ended).toBe('look-back')
  expect(seen.size).toBe(20)
})

test('a full walk never stops early', async () => {
  const aim: WalkGoal = { ...goal, mode: 'full', watermark: new Date(start) }
  expect((await walk(listOf(300, 50), firstCursor, aim)).seen.size).toBe(300)
})

test('a list whose places are always refused fails the walk instead of walking for ever', async () => {
  await expect(
    walk(
      listOf(25, 10, () => true),
      firstCursor,
      goal,
    ),
  ).rejects.toThrow('refused again and again')
})

test('a list that leads in a circle of any length is found out within a few rounds', async () => {
  for (const length of [1, 2, 3, 7, 20]) {
    let asks = 0
    const circle = async ({ position }: Cursor): Promise<Listing> => {
      asks += 1
      const at = Number(position ?? 0)
      const next = String(at < 5 + length ? at + 1 : 6)
      return { body: '{}', answeredAt: 0, items: [{ id: `p${at}`, published_at: null }], lookup: [], next }
    }
    await expect(walk(circle, firstCursor, goal)).rejects.toThrow('refused again and again')
    expect(asks).toBeLessThan(5 * 4 * (5 + length))
  }
})

const whole: WalkGoal = { ...goal, mode: 'full' }
const endOf = async (count: number, size: number, expected: number | null) =>
  (await walk(listOf(count, size), { ...firstCursor, expected }, whole)).cursor.ended

test('a list that ends near its cap is not whole: the platform shows no more', async () => {
  expect(await endOf(500, 1, null)).toBe('cap')
  expect(await endOf(380, 1, null)).toBe('cap')
  expect(await endOf(379, 1, null)).toBe('platform')
})

test('a list with far fewer posts than its account has is cut short, not whole', async () => {
  expect(await endOf(10, 5, 30)).toBe('short')
  expect(await endOf(0, 5, 3)).toBe('short')
  expect(await endOf(28, 5, 30)).toBe('platform')
  expect(await endOf(0, 5, 0)).toBe('platform')
})

test('a place with any characters can be kept, and is given back as it was', async () => {
  const places = ['a\u0000b', 'c\ud800', 'json:"x"', 'plain']
  const asked: (string | null)[] = []
  const ask = async ({ position, page_no }: Cursor): Promise<Listing> => {
    asked.push(position)
    const items = [{ id: `p${page_no}`, published_at: new Date(start) }]
    return { body: '{}', answeredAt: 0, items, lookup: [], next: places[page_no] ?? null }
  }
  let cursor = firstCursor
  for await (const step of pages(ask, () => cursor, 400, goal)) {
    // As the database keeps it.
    const text = JSON.stringify(step.cursor)
    expect(text).not.toMatch(/(?<!\\)\\u(0000|d800)/)
    cursor = JSON.parse(text)
  }
  expect(asked).toEqual([null, ...places])
})

test('a post that is dated far ahead is no watermark, and a watermark that lies ahead limits nothing', async () => {
  const ahead = new Date('9999-01-01T00:00:00Z')
  const ask = async (): Promise<Listing> => ({
    body: '{}',
    answeredAt: 0,
    items: [
      { id: 'a', published_at: ahead },
      { id: 'b', published_at: new Date(start - dayMs) },
    ],
    lookup: [],
    next: null,
  })
  const { cursor } = await walk(ask, firstCursor, goal)
  expect(cursor.newest).toBe(new Date(start - dayMs).toISOString())
  const { seen } = await walk(listOf(40, 5), firstCursor, { ...goal, watermark: ahead })
  expect(seen.size).toBe(40)
})

test.for([
  { name: 'full', size: 50, most: 20 },
  { name: 'empty', size: 0, most: 80 },
])(
  'a list of $name pages that never ends is left when it is far beyond what the profile counts',
  async ({ size, most }) => {
    let asks = 0
    const ask = async (): Promise<Listing> => {
      asks += 1
      const items = Array.from({ length: size }, (_, index) => ({
        id: `${asks} ${index}`,
        published_at: null,
      }))
      return { body: '{}', answeredAt: 0, items, lookup: [], next: String(asks) }
    }
    let cursor: Cursor = { ...firstCursor, expected: 100 }
    for await (const step of pages(ask, () => cursor, 20_000, goal)) cursor = step.cursor
    expect(cursor.ended).toBe('cap')
    expect(asks).toBeLessThan(most)
  },
)
