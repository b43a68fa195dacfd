/** A form of handle: its characters inside and at its ends, how long it may be, and what may not stand beside it. */
export interface HandleShape {
  readonly body: string
  /** A letter or digit of the handle's own script, which would be a part of it. */
  readonly own: string
}

/** How a platform writes mentions and tags. */
export interface TextRules {
  /** A handle behind its sign, in the first group. */
  readonly mention: RegExp
  /** A word that has the form of a handle and stands alone, in the first group. */
  readonly word: RegExp
  /** Whether a `#` straight after a tag opens another one. */
  readonly chainsTags: boolean
  /** A handle for comparing. */
  fold(bare: string): string
  /** Whether accounts are named in captions without @. */
  readonly namesWithoutSign: boolean
}

export const ascii = 'A-Za-z0-9'

/** Rules over the forms of handles that a platform has. */
export function textRules(
  shapes: readonly HandleShape[],
  rules: Pick<TextRules, 'chainsTags' | 'fold' | 'namesWithoutSign'>,
): TextRules {
  const patternOf = (before: string, wrap: (shape: HandleShape) => string) =>
    new RegExp(`${before}(${shapes.map(wrap).join('|')})`, 'gu')
  return {
    ...rules,
    mention: patternOf(
      '[@＠]',
      (shape) => `(?<![${shape.own}${ascii}.@＠][@＠])${shape.body}${endsHere(shape)}`,
    ),
    word: patternOf('', (shape) => `(?<![${shape.own}${ascii}_.@＠#＃/])${shape.body}${endsHere(shape)}`),
  }
}

const endsHere = ({ own }: HandleShape) => String.raw`(?!_*[${own}@＠]|_+\p{L})`
