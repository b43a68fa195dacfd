import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanText } from '#shared/platforms/text/clean.ts'
import { hashtags, mentions } from '#shared/platforms/text/tags.ts'

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

test('an Instagram handle has no dot at its ends', () => {
  expect(handles('@nike. @.x @a.b. @nike@', 'instagram')).toEqual(['nike', 'a.b'])
})

test('positions point at the sign in the text as stored, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 80 }),
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
