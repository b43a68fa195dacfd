import { expect, test } from 'vitest'
import { kindsFor, type PlannedPost, type PlanRule } from '#shared/ml/rules.ts'
import { jobsADay } from '#shared/ml/settings.ts'
import { functionSettings, readConfig } from '#shared/runtime/config.ts'
import { openMl, planningOf } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { secretsOf } from '#shared/runtime/secrets.ts'

const now = new Date('2026-11-29T12:00:00Z')
const post: PlannedPost = {
  ...{ platform: 'instagram', class: 'carousel', lang: 'ru-RU', newer: 3 },
  published_at: new Date('2026-11-01T12:00:00Z'),
}

test.for<[Partial<PlanRule>, boolean]>([
  [{}, true],
  [{ platforms: ['instagram', 'tiktok'] }, true],
  [{ platforms: ['youtube'] }, false],
  [{ classes: ['image', 'carousel'] }, true],
  [{ classes: ['image'] }, false],
  [{ languages: ['en', 'ru'] }, true],
  [{ languages: ['en', 'und'] }, false],
  [{ max_age_days: 28 }, true],
  [{ max_age_days: 27.9 }, false],
  [{ newest_posts: 4 }, true],
  [{ newest_posts: 3 }, false],
  [{ platforms: ['instagram'], languages: ['en'] }, false],
])('a rule %o allows a picture: %s', ([rule, isAllowed]) => {
  const kinds = ['image', 'image_text', 'text'] as const
  const rules = [{ ...rule, kinds: ['image_text' as const] }]
  const expected = isAllowed ? ['image', 'image_text'] : ['image']
  expect(kindsFor({ kinds, rules, isOutlasting: true }, 'picture', post, now)).toEqual(expected)
  // A kind is planned where one of its rules holds; others are not touched by it.
  const or = [...rules, { kinds: ['image_text' as const], classes: ['carousel'] }]
  expect(kindsFor({ kinds, rules: or, isOutlasting: true }, 'picture', post, now)).toEqual([
    'image',
    'image_text',
  ])
  expect(kindsFor({ kinds, rules, isOutlasting: true }, 'text', post, now)).toEqual(['text'])
})

test('a post of no known language is of the language und', () => {
  const rules = [{ kinds: ['text' as const], languages: ['und'] }]
  expect(
    kindsFor({ kinds: ['text'], rules, isOutlasting: true }, 'text', { ...post, lang: null }, now),
  ).toEqual(['text'])
})

const needed = {
  DATABASE_URL: 'postgres://localhost/x',
  QUEUE_ACCESS_KEY_ID: 'k',
  QUEUE_SECRET_ACCESS_KEY: 'a secret of the queue',
  TRANSFORM_QUEUE_URL: 'q',
}
const read = (ml: Record<string, string>) =>
  readConfig('transform', functionSettings.transform, { ...needed, ...ml })
const ports = { fetch: () => Promise.reject(new Error('nothing is called')) } as unknown as Ports

test('without an ML provider nothing is planned; with an address alone texts and pictures are', () => {
  expect(planningOf(read({}))).toBeNull()
  expect(planningOf(read({ ML_URL: 'https://ml.example' }))).toEqual({
    kinds: ['text', 'image'],
    rules: [],
    isCopied: false,
    isOutlasting: false,
  })
})

test('several providers are chosen by kind, with limits of their own', () => {
  const config = read({
    ML_URL: 'https://ml.example',
    ML_PROVIDERS: JSON.stringify([
      { name: 'ml', models: { text: 't' }, deadline_hours: 240, retention_hours: 72 },
      { name: 'ocr', url: 'https://ocr.example', models: { image_text: 'r' }, usd: 0.01, usd_a_day: 2.5 },
    ]),
    ML_RULES: '[{"kinds": ["image_text"], "newest_posts": 5}]',
  })
  expect(planningOf(config)).toMatchObject({ kinds: ['text', 'image_text'], rules: [{ newest_posts: 5 }] })
  const { senders, routes } = openMl(ports, config)
  expect(routes).toEqual([
    { kind: 'text', provider: 'ml', model: 't' },
    { kind: 'image_text', provider: 'ocr', model: 'r' },
  ])
  expect(senders).toMatchObject([
    { name: 'ml', deadlineMs: 48 * 3_600_000, daily: undefined },
    { name: 'ocr', daily: { pool: 'ocr.day', limit: 250, period: 'day' } },
  ])
  expect(jobsADay({ jobs_a_day: 100, usd_a_day: 2.5, usd: 0.01 })).toBe(100)
})

test.for<[string, Record<string, string>, RegExp]>([
  ['no JSON', { ML_PROVIDERS: '[{' }, /ML_PROVIDERS: is no JSON/],
  [
    'an unknown kind',
    { ML_PROVIDERS: '[{"name": "a", "models": {"sound": "m"}}]' },
    /ML_PROVIDERS\.0\.models/,
  ],
  [
    'no kind',
    { ML_PROVIDERS: '[{"name": "a", "models": {}}]' },
    /ML_PROVIDERS\.0\.models: name a kind of job/,
  ],
  [
    'a kind at two providers',
    { ML_PROVIDERS: '[{"name": "a", "models": {"text": "m"}}, {"name": "b", "models": {"text": "m"}}]' },
    /ML_PROVIDERS\.1\.models\.text: a does these already/,
  ],
  [
    'money without a price',
    { ML_PROVIDERS: '[{"name": "a", "models": {"text": "m"}, "usd_a_day": 1}]' },
    /usd_a_day needs usd, the price of a job/,
  ],
  ['an unknown rule', { ML_RULES: '[{"kinds": ["text"], "newest": 1}]' }, /ML_RULES\.0/],
])('settings with %s are refused with their place', ([, env, message]) => {
  expect(() => read(env)).toThrow(message)
})

test('a provider without an address is refused', () => {
  const config = read({ ML_PROVIDERS: '[{"name": "a", "models": {"text": "m"}}]' })
  expect(() => openMl(ports, config)).toThrow('the provider a of ML_PROVIDERS has no url')
})

test('the keys of all providers are secrets', () => {
  const config = read({ ML_KEYS: '{"a": "the key of a provider", "b": "another such key"}' })
  expect(secretsOf(functionSettings.transform, config)).toEqual(
    expect.arrayContaining(['the key of a provider', 'another such key', 'a secret of the queue']),
  )
})
