import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lackOf } from '#shared/alerts/post.ts'
import { reasonIn } from '#shared/language/reason.ts'
import { reasons } from '#shared/language/reasons.ts'
import { workReasons } from '#shared/language/work-reasons.ts'
import { refusal } from '#shared/ml/refusal.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { kinds } from '#shared/platforms/verdicts.ts'

const inRussian = (reason: string) => reasonIn('ru', reason)
const isRussian = (text: string) => /[а-яё]/i.test(text)

test('a reason is translated, and what a platform said in it stays in its words', () => {
  const said = 'Error validating access token: the session was invalidated. Try again'
  expect(inRussian(`its owner must grant access again: ${said}`)).toBe(
    `владелец должен снова дать доступ: ${said}`,
  )
  expect(inRussian('accounts are refused alike: TikTok asks to slow down: (rate) $& {{text}}')).toBe(
    'одинаковый отказ по разным аккаунтам: TikTok просит обращаться реже: (rate) $& {{text}}',
  )
  expect(inRussian('statistics.views: Invalid input: expected number, received string')).toBe(
    'statistics.views: ожидалось number, пришло string',
  )
  expect(reasonIn('en', 'paused by hand')).toBe('paused by hand')
})

test('a reason has the same values in both languages, and comes once', () => {
  const all = [...reasons, ...workReasons]
  const valuesIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort()
  for (const [en, ru] of all) expect(valuesIn(ru), en).toEqual(valuesIn(en))
  expect(new Set(all.map(([en]) => en)).size).toBe(all.length)
})

test('a reason without a translation stays as it is, however it is built', () => {
  for (const text of ['', '. ', 'words. of somebody', 'its owner must', 'a\nb', 'x'.repeat(100_000)])
    expect(inRussian(text)).toBe(text)
})

test('what a platform refuses and what to do about its app have words in Russian', () => {
  const refused = Object.values(kinds).map(
    ({ make }) => make({ platform: 'TikTok', text: 'x', code: '1' } as never).message,
  )
  const remedies = platforms.map(({ appRemedy }) => appRemedy)
  const [message] = refused
  for (const reason of [...refused, ...remedies]) expect(inRussian(reason)).toSatisfy(isRussian)
  for (const remedy of remedies)
    expect(inRussian(`${message}. ${remedy}`)).toBe(`${inRussian(message ?? '')}. ${inRussian(remedy)}`)
})

test('what ML providers and channels refuse has words in Russian', () => {
  const post = { telegram: undefined, mail: undefined, dataKey: null }
  const lacks = (['telegram', 'email', 'webhook'] as const).map((kind) => lackOf(kind, post) ?? '')
  const refused = [400, 401, 404, 409, 429, 500].map(
    (status) => refusal({ status, headers: new Headers(), text: 'said by it' }).message,
  )
  for (const reason of [...lacks, ...refused]) expect(inRussian(reason)).toSatisfy(isRussian)
})

const project = join(import.meta.dirname, '../..')
const sources = globSync(
  [
    'shared/{alerts,db,http,media,ml,platforms,runtime}/**/*.ts',
    'shared/cloud/batch-inference/*.ts',
    'functions/{extract,transform,submit,poll,copy,maintain}/*.ts',
  ],
  { cwd: project },
)
  // What settings lack is said at the start, and is not on record.
  .filter((path) => !path.endsWith('settings.ts'))
  .map((path) => readFileSync(join(project, path), 'utf8'))

/** Errors with their text, and reasons that SQL or a fault is given; not what stands in the words of others, or after a name. */
const written = [
  /new (?:\w+Error|AskAgain|AppFault|AccountGone|StoreAway|CursorRefused|UnknownRefusal)\(\s*(['"`])(?<text>(?:(?!\1).)+)\1,\s*[{'t]/g,
  /status_reason = (?:case .*? then )?'(?<text>[^']+)'/g,
  /\b(?:fault|message|reason|remedy)(?:: |\s=\s+)(['"`])(?<text>(?:(?!\1).)* (?:(?!\1).)*)\1/g,
]

test('every reason that comes on record has words in Russian', () => {
  const reasons = sources.flatMap((source) =>
    written.flatMap((pattern) => [...source.matchAll(pattern)].map(({ groups }) => groups?.['text'] ?? '')),
  )
  expect(reasons.length).toBeGreaterThan(80)
  const filled = reasons.map((reason) => reason.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'X'))
  const own = filled.filter((reason) => !/^X(?:: X| answered with X)$|^HTTP X$/.test(reason))
  expect(own.filter((reason) => !isRussian(inRussian(reason)))).toEqual([])
})
