import fc from 'fast-check'
import { expect, test } from 'vitest'
import { platformOf } from '#shared/platforms/index.ts'
import { cleanText } from '#shared/platforms/text/clean.ts'
import * as found from '#shared/platforms/text/tags.ts'

const hashtags = (text: string, platform: string) => found.hashtags(text, platformOf(platform).text)
const mentions = (text: string, platform: string) => found.mentions(text, platformOf(platform).text)
const words = (text: string, platform: string) => found.words(text, platformOf(platform).text)

const tags = (text: string, platform: 'youtube' | 'tiktok' = 'youtube') =>
  hashtags(text, platform).map(({ tag }) => tag)
const handles = (text: string, platform: 'youtube' | 'tiktok' | 'instagram' = 'youtube') =>
  mentions(text, platform).map(({ handle }) => handle)

test.for([
  { text: 'new #кофе☕️ and #日本茶', found: ['кофе☕️', '日本茶'] },
  { text: '#हिन्दी #ไทย #עברית #العربية', found: ['हिन्दी', 'ไทย', 'עברית', 'العربية'] },
  { text: '#family👨‍👩‍👧 #flag🇫🇷', found: ['family👨‍👩‍👧', 'flag🇫🇷'] },
  { text: 'foo#bar http://x/#frag &#39;', found: [] },
  { text: '#спорт-клуб #v1.2', found: ['спорт', 'v1'] },
  { text: '#2026 #7', found: ['2026'] },
  { text: '＃全角 ﹟small', found: ['全角', 'small'] },
  { text: '#fyp#foryou', found: ['fyp'] },
])('YouTube hashtags of "$text"', ({ text, found }) => {
  expect(tags(text)).toEqual(found)
})

test('on TikTok a # straight after a tag opens another', () => {
  expect(tags('#fyp#foryou a#b', 'tiktok')).toEqual(['fyp', 'foryou'])
})

test('a decomposed tag is compared in its composed form', () => {
  expect(hashtags('#e\u0301te\u0301', 'youtube')[0]).toMatchObject({
    tag: 'e\u0301te\u0301',
    tag_norm: 'été',
  })
})

test.for([
  { text: 'mail a@b.com, youtube.com/@x', found: [] },
  { text: 'with @nike. and (@under_armour)', found: ['nike', 'under_armour'] },
  { text: '@имя.фам @白雲茶房', found: ['имя.фам', '白雲茶房'] },
  { text: '@a@b @ab_', found: [] },
])('YouTube mentions of "$text"', ({ text, found }) => {
  expect(handles(text)).toEqual(found)
})

test.for([
  { text: 'この豆は@nord_roasterさんから', found: ['nord_roaster'] },
  { text: '@nord_roasterは最高', found: ['nord_roaster'] },
  { text: '협찬 @nord_roaster님', found: ['nord_roaster'] },
  { text: 'תודה ל@nord_roaster על הקפה', found: ['nord_roaster'] },
  { text: 'ขอบคุณ@nord_roasterมาก', found: ['nord_roaster'] },
  { text: 'شكرا ل@nord_roasterعلى', found: ['nord_roaster'] },
  { text: '感谢＠nord_roaster的咖啡', found: ['nord_roaster'] },
  {
    text: 'write to orders@nord.example\n@first_line and @433, _@kursiv_ w/@friend.of.us',
    found: ['first_line', '433', 'kursiv_', 'friend.of.us'],
  },
  { text: '(@in_brackets) [@other] "@quoted"', found: ['in_brackets', 'other', 'quoted'] },
  { text: 'x@y a.@b', found: [] },
])('a handle of ASCII letters is bounded by ASCII letters alone: "$text"', ({ text, found }) => {
  expect(handles(text, 'instagram')).toEqual(found)
  expect(handles(text, 'tiktok')).toEqual(found)
})

test.for([
  { text: 'この豆は@nord_roasterさんから', found: ['nord_roaster'] },
  { text: 'от@кофейня и с @кофейня_nord', found: ['кофейня_nord'] },
  { text: '@кофейня! @白雲茶房的 @한국커피', found: ['кофейня', '白雲茶房的', '한국커피'] },
  { text: '@2026brand @123 _@kursiv_', found: ['2026brand', '123', 'kursiv'] },
])('a handle of YouTube is of one script: "$text"', ({ text, found }) => {
  expect(handles(text)).toEqual(found)
})

/** A letter of each script that may stand beside a handle of ASCII letters. */
const neighbours = [...'はカ的님ขשعюéд，。「」（）']

test('whatever script stands beside it, a handle of ASCII letters is found whole', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9_]([a-z0-9._]{1,20}[a-z0-9_])$/),
      fc.constantFrom(...neighbours),
      fc.constantFrom(...neighbours),
      fc.constantFrom('@', '＠'),
      (handle, before, after, sign) => {
        for (const platform of ['instagram', 'tiktok'] as const)
          expect(handles(`${before}${sign}${handle}${after}`, platform)).toEqual([handle])
      },
    ),
  )
})

test.for([
  'https://e.example/?next=#music',
  'https://e.example/topic-#music',
  'https://e.example/?by=@brand',
  'https://e.example/~@brand/',
  'e.example/~@brand/#music',
  'https://ru.example/кофе-@brand/-#music',
  'orders@nord.example',
  'http://user:@brand@e.example/-#music',
])('an address holds neither tag nor mention: %s', (address) => {
  for (const platform of ['instagram', 'tiktok', 'youtube'] as const) {
    const text = `see ${address} #tag @brand_two`
    expect(hashtags(text, platform).map(({ tag }) => tag)).toEqual(['tag'])
    expect(mentions(text, platform).map(({ handle }) => handle)).toEqual(['brand_two'])
    expect(mentions(text, platform)[0]?.position).toBe(text.indexOf('@brand_two'))
  }
})

test('an address ends where a script without spaces begins', () => {
  expect(handles('https://e.example/xを@nord_roasterから', 'instagram')).toEqual(['nord_roaster'])
  expect(tags('見てhttps://e.example/x。#コーヒー')).toEqual(['コーヒー'])
})

test('a watched name without a sign is a word of its own beside other scripts too', () => {
  const named = (text: string) => words(text, 'instagram').map(({ handle }) => handle)
  expect(named('この豆はnord_roasterさんから')).toEqual(['nord_roaster'])
  expect(named('https://e.example/nord_roaster xnord_roasterx #nord_roaster')).toEqual(['xnord_roasterx'])
  expect(named('see https://e.example/nord_roaster')).toEqual(['see'])
})

test('an Instagram handle has no dot at its ends', () => {
  expect(handles('@nike. @.x @a.b. @nike@', 'instagram')).toEqual(['nike', 'a.b'])
})

test('positions point at the sign in the text as stored, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(fc.constantFrom(...'##@＃＠ab_7 .é豆\u{1f600}'), fc.string({ unit: 'grapheme' })),
        maxLength: 40,
      }),
      fc.constantFrom('youtube', 'tiktok', 'instagram'),
      (text, platform) => {
        const stored = cleanText(text)
        for (const { position, tag } of hashtags(stored, platform)) {
          expect(stored[position]).toMatch(/[#＃﹟]/)
          expect(stored.slice(position + 1, position + 1 + tag.length)).toBe(tag)
        }
        for (const { position, handle } of mentions(stored, platform))
          expect(stored.startsWith(handle, position + 1)).toBe(true)
      },
    ),
  )
})

test('cleaned text is what PostgreSQL takes, and cleaning again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const clean = cleanText(`${text}\u0000\ud800`)
      expect(clean.isWellFormed()).toBe(true)
      expect(clean).not.toContain('\u0000')
      expect(cleanText(clean)).toBe(clean)
    }),
  )
})
