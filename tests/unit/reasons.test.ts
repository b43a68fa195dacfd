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
/** Values and names aside, no word is left in English. */
const isRussian = (text: string) =>
  /[а-яё]/i.test(text) && !/\b[a-z]{2,}\b/.test(text.replaceAll(/docs\/\S+/g, ''))

test.for([
  [
    'its owner must grant access again: Error validating access token: Invalid session. Try again',
    'владелец должен снова дать доступ: Error validating access token: Invalid session. Try again',
  ],
  [
    'accounts are refused alike: TikTok asks to slow down: (rate) $& {{text}}',
    'одинаковый отказ по разным аккаунтам: TikTok просит обращаться реже: (rate) $& {{text}}',
  ],
  [
    'Instagram shows no professional account @a.b: a personal one must become a business or creator account; asked once more tomorrow before the account is called unsupported',
    'Instagram не показывает профессионального аккаунта @a.b: личный нужно перевести в бизнес-аккаунт или аккаунт автора; завтра проверим ещё раз, до этого состояние аккаунта не меняется',
  ],
  [
    'statistics.views: Invalid input: expected number, received string',
    'statistics.views: ожидалось: number, пришло: string',
  ],
  ['the answer is no job', 'ответ не похож на задание'],
  ['Invalid image: of the provider', 'неверный формат: image: of the provider'],
  ['the ML provider answered 400: Invalid model', 'ответ провайдера ML: 400, Invalid model'],
])('%s', ([reason = '', russian]) => {
  expect(inRussian(reason)).toBe(russian)
  expect(reasonIn('en', reason)).toBe(reason)
})

test('a reason without a translation stays as it is, however it is built', () => {
  const texts = [
    '',
    '. ',
    'words. of somebody',
    'its owner must',
    'a\nb',
    'x'.repeat(100_000),
    'a: '.repeat(50_000),
  ]
  for (const text of texts) expect(inRussian(text)).toBe(text)
})

test('each reason is translated by its own words, and says its values again', () => {
  const filled = (text: string) => text.replaceAll(/\{\{\w+\}\}/g, 'X')
  const valuesIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name)
  for (const [en, ru] of [...reasons, ...workReasons]) {
    expect(valuesIn(en), en).toEqual(expect.arrayContaining(valuesIn(ru)))
    expect(inRussian(filled(en))).toBe(filled(ru))
  }
})

test('what a platform refuses and what to do about its app have words in Russian', () => {
  const refused = Object.values(kinds).map(
    ({ make }) => make({ platform: 'TikTok', text: 'X', code: '1' } as never).message,
  )
  for (const reason of [...refused, ...platforms.map(({ appRemedy }) => appRemedy)])
    expect(inRussian(reason)).toSatisfy(isRussian)
})

test('what ML providers and channels refuse has words in Russian', () => {
  const post = { telegram: undefined, mail: undefined, dataKey: null }
  const lacks = (['telegram', 'email', 'webhook'] as const).map((kind) => lackOf(kind, post) ?? '')
  const refused = [400, 401, 404, 409, 429, 500].map(
    (status) => refusal({ status, headers: new Headers(), text: 'X' }).message,
  )
  for (const reason of [...lacks, ...refused]) expect(inRussian(reason)).toSatisfy(isRussian)
})

const project = join(import.meta.dirname, '../..')
const sources = globSync(
  [
    'shared/{alerts,db,http,media,ml,platforms,runtime}/**/*.ts',
    'shared/cloud/{batch-inference/*,ydb-connection,redis-state,kms,seal,mail}.ts',
    'functions/{extract,transform,submit,poll,copy,maintain}/*.ts',
    'functions/sync/connect/*.ts',
  ],
  { cwd: project },
)
  // What settings lack is said at the start, and is not on record.
  .filter((path) => !path.endsWith('settings.ts'))
  .map((path) => readFileSync(join(project, path), 'utf8'))

const text = String.raw`(['"\`])(?<text>(?!\s)(?:(?!\1).)* (?:(?!\1).)*)\1`
/** Verdicts and what makes them, reasons in SQL, and fields with a reason. */
const written = [
  String.raw`new (?!Error|UserError|Problem|Stopped)\w*(?:Error|Again|Fault|Gone|Away|Refused|Refusal|TooMuchData|NotFound)\(\s*${text}\s*[,)]`,
  String.raw`\b(?:super|noAnswer|slowDown|noCredit|keyRefused)\(\s*${text}`,
  String.raw`\b(?:failWalks|setFailed|failure)\([^'"\`]*?(?:'\w+', )?${text}`,
  String.raw`\b(?:fault|message|reason|remedy|why)(?:: |\s=\s+)(?:[\w.()]+ \? )?${text}`,
  String.raw`(?:\?\?|\|\|) ${text}`,
  `status_reason = (?:case .*? then )?(?<text>'[^']+')`,
  `"message": (?<text>"[^"]+")`,
].map((pattern) => new RegExp(pattern, 'g'))

test('every reason that is written in the sources has words in Russian', () => {
  const found = sources.flatMap((source) =>
    written.flatMap((pattern) => [...source.matchAll(pattern)].map(({ groups }) => groups?.['text'] ?? '')),
  )
  const filled = found.map((one) =>
    one.replaceAll(/^['"]|['"]$/g, '').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'X'),
  )
  // Words of others with a name in front, and what never comes on record.
  const own = filled.filter(
    (one) =>
      !/^(?:X: X|X answered with X|HTTP X|X is used up|being checked|no time: X|not a UUID: X)$/.test(one),
  )
  expect(own.length).toBeGreaterThan(110)
  expect([...new Set(own)].filter((one) => !isRussian(inRussian(one)))).toEqual([])
})
