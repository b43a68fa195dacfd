import type { Platform } from '../../model/account.ts'

/** A form of handle: its characters inside and at its ends, how long it may be, and what may not stand beside it. */
interface Shape {
  readonly body: string
  /** A letter or digit of the handle's own script, which would be a part of it. */
  readonly own: string
}

const ascii = 'A-Za-z0-9'

/**
 * Scripts that a handle of YouTube may be written in, each with what is written together with it. A handle is of one
 * script, so that it ends where another begins. The last one is of whatever is left.
 */
const scripts = [
  String.raw`\p{sc=Latin}`,
  String.raw`\p{sc=Cyrillic}`,
  String.raw`\p{sc=Greek}`,
  String.raw`\p{sc=Hebrew}`,
  String.raw`\p{sc=Arabic}`,
  String.raw`\p{sc=Thai}`,
  String.raw`\p{sc=Hangul}`,
  String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー`,
  String.raw`\p{L}`,
]

/** 3 to 30 letters and digits with `_ - . ·` between them. */
const youtubeShape = (letter: string): Shape => ({
  body: String.raw`(?=\p{N}*[${letter}])[${letter}\p{N}][${letter}\p{M}\p{N}_.·-]{1,28}[${letter}\p{M}\p{N}]`,
  own: String.raw`${letter}\p{M}\p{N}`,
})

/**
 * What may be a handle on each platform. Handles of Instagram and TikTok are ASCII and end where ASCII ends. What the
 * platforms themselves link, as far as they document it: Instagram and TikTok ASCII names after any other sign, YouTube
 * names of any script.
 */
const shapes: Readonly<Record<Platform, readonly Shape[]>> = {
  instagram: [{ body: '[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?', own: ascii }],
  tiktok: [{ body: '[A-Za-z0-9._]{1,23}[A-Za-z0-9_]', own: ascii }],
  youtube: [
    ...scripts.map(youtubeShape),
    { body: String.raw`\p{N}[\p{N}_.·-]{1,28}\p{N}`, own: String.raw`\p{N}` },
  ],
}

const compiled = (before: string, wrap: (shape: Shape) => string): Readonly<Record<Platform, RegExp>> => {
  const patternOf = (platform: Platform) =>
    new RegExp(`${before}(${shapes[platform].map(wrap).join('|')})`, 'gu')
  return { instagram: patternOf('instagram'), tiktok: patternOf('tiktok'), youtube: patternOf('youtube') }
}

const endsHere = ({ own }: Shape) => String.raw`(?!_*[${own}@＠]|_+\p{L})`

/** A handle behind its sign, in the first group. */
export const mentionPatterns = compiled(
  '[@＠]',
  (shape) => `(?<![${shape.own}${ascii}.@＠][@＠])${shape.body}${endsHere(shape)}`,
)

/** A word that has the form of a handle and stands alone, in the first group. */
export const wordPatterns = compiled(
  '',
  (shape) => `(?<![${shape.own}${ascii}_.@＠#＃/])${shape.body}${endsHere(shape)}`,
)
