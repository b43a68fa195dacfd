import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Status } from '#functions/sync/api/account.ts'
import { invariantNames } from '#shared/db/views/verify.ts'
import { languageOf } from '#shared/language/accepted.ts'
import { catalogue } from '#shared/language/catalogue.ts'
import type { Texts } from '#shared/language/text.ts'
import { wordsIn } from '#shared/language/words.ts'
import { AlertCause } from '#shared/model/alert.ts'
import { MlKind } from '#shared/model/ml-job.ts'
import { platforms } from '#shared/platforms/registry.ts'

const project = join(import.meta.dirname, '../..')
const formsOf = (text: string | Readonly<Record<string, string>>): string[] =>
  typeof text === 'string' ? [text] : Object.values(text)

const texts = Object.entries(catalogue as Readonly<Record<string, Texts>>).flatMap(([area, named]) =>
  Object.entries(named).map(([name, [en, ru]]) => ({
    key: `${area}.${name}`,
    area,
    en: formsOf(en),
    ru: formsOf(ru),
  })),
)

const valuesIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort()

test('a text has the same values in both languages, and in all its forms', () => {
  for (const { key, en, ru } of texts)
    for (const form of [...en, ...ru]) expect(valuesIn(form), key).toEqual(valuesIn(en[0] ?? ''))
})

/** What is called the same in Russian. */
const same = /^(?:CSV|ML|ER|Telegram|Research API|(?:\W|\{\{\w+\}\})+)$/

test('every text is in Russian', () => {
  const left = texts.filter(({ ru }) => ru.some((form) => !/[а-яё]/i.test(form) && !same.test(form)))
  expect(left.map(({ key }) => key)).toEqual([])
})

const sources = [
  'functions/sync',
  'functions/sync/console',
  'functions/sync/connect',
  'functions/sync/forecast',
  'shared/alerts',
  'local/cli/commands',
].flatMap((folder) =>
  readdirSync(join(project, folder))
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => ({ name, text: readFileSync(join(project, folder, name), 'utf8') })),
)

/** Areas whose texts are found by names of the API. */
const byName = new Set([
  ...[
    'ages',
    'alerts',
    'causes',
    'endpoints',
    'invariants',
    'kinds',
    'mlKinds',
    'outcomes',
    'pools',
    'problems',
    'recorded',
  ],
  ...['rhythms', 'rights', 'states', 'waits', 'ways'],
])

test('every text is said somewhere', () => {
  const all = sources.map(({ text }) => text).join('\n')
  const dynamic =
    /^(?:numbers\.(?:followers|views|posts|likes|comments|shares|saves)|owners\.deletion_\w+|channels\.(?:webhook|telegram|email)|repair\.(?:sending|asking))$/
  const unsaid = texts.filter(
    ({ key, area }) => !byName.has(area) && !dynamic.test(key) && !all.includes(`'${key}'`),
  )
  expect(unsaid.map(({ key }) => key)).toEqual([])
})

/** Words between tags, on lines of their own, and in what is read aloud or shown. */
const spoken = [
  /(?<!=)>([A-Za-z][\w ,.'’!?-]*)</g,
  /^\s+([A-Z][a-z]+(?: [\w,']+)*[.:?]?)$/gm,
  /\b(?:aria-label|title|placeholder|label|alt|confirm|text|first)="([^"]+)"/g,
]

test('nothing is said in the console but what the catalogue has', () => {
  const said = sources
    .filter(({ name }) => name.endsWith('.tsx'))
    .flatMap(({ name, text }) =>
      spoken.flatMap((pattern) => [...text.matchAll(pattern)].map(([, words]) => `${name}: ${words}`)),
    )
    .filter((line) => !/: (?:#|social-sync|npx social-sync .*)$/.test(line))
  expect(said).toEqual([])
})

test('what the API calls states, kinds, causes and checks has its words', () => {
  const has = (area: keyof typeof catalogue, names: readonly string[]) =>
    expect(Object.keys(catalogue[area]), area).toEqual(expect.arrayContaining([...names]))
  has('states', Status.options)
  has('mlKinds', MlKind.options)
  has('alerts', AlertCause.options)
  has('invariants', invariantNames)
  expect(Object.keys(catalogue.invariants)).toHaveLength(invariantNames.length)
  const scopes = platforms.flatMap(({ tokens }) => tokens?.consent(fetch, {} as never)?.scopes ?? [])
  has(
    'rights',
    scopes.map(({ name }) => name.replaceAll('.', '_')),
  )
})

test('numbers are counted as each language does, and a browser is spoken to in its own', () => {
  const ru = wordsIn('ru', catalogue)
  expect([1, 2, 5, 21, 1_234].map((count) => ru.t('numbers.lastDays', { count }))).toEqual([
    '1 день',
    '2 дня',
    '5 дней',
    '21 день',
    '1\u00a0234 дня',
  ])
  expect(wordsIn('en', catalogue).t('numbers.lastDays', { count: 1_234 })).toBe('1,234 days')
  expect([['ru-RU', 'en'], ['de', 'ru'], ['fr'], []].map(languageOf)).toEqual(['ru', 'ru', 'en', 'en'])
})
