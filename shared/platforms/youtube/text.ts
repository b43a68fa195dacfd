import { type HandleShape, textRules } from '../text/rules.ts'

/**
 * Scripts that a handle may be written in, each with what is written together with it. A handle is of one script, so that
 * it ends where another begins. The last one is of whatever is left.
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
const shapeOf = (letter: string): HandleShape => ({
  body: String.raw`(?=\p{N}*[${letter}])[${letter}\p{N}][${letter}\p{M}\p{N}_.·-]{1,28}[${letter}\p{M}\p{N}]`,
  own: String.raw`${letter}\p{M}\p{N}`,
})

export const youtubeText = textRules(
  [...scripts.map(shapeOf), { body: String.raw`\p{N}[\p{N}_.·-]{1,28}\p{N}`, own: String.raw`\p{N}` }],
  { chainsTags: false, fold: (bare) => bare.normalize('NFKC').toLowerCase(), namesWithoutSign: false },
)
