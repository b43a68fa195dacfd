import * as z from 'zod'
import { jsonOf } from '../../model/json.ts'

/** Numbers of 64 bits come as text, and zeros are left out. */
const Length = z.coerce.number().catch(0).default(0)
const Corners = z.looseObject({
  vertices: z.array(z.looseObject({ x: Length, y: Length })).default([]),
})
const Line = z.looseObject({
  text: z.string().optional(),
  alternatives: z.array(z.looseObject({ text: z.string() })).default([]),
  boundingBox: Corners.optional(),
  bounding_box: Corners.optional(),
})
const Language = z.looseObject({
  languageCode: z.string().optional(),
  language_code: z.string().optional(),
})
const Annotation = z.looseObject({
  width: Length,
  height: Length,
  blocks: z
    .array(z.looseObject({ lines: z.array(Line).default([]), languages: z.array(Language).default([]) }))
    .default([]),
})
const Page = z.union([
  z.looseObject({ textAnnotation: Annotation }).transform(({ textAnnotation }) => textAnnotation),
  z.looseObject({ text_annotation: Annotation }).transform(({ text_annotation }) => text_annotation),
])
const Answer = z.union([z.looseObject({ result: Page }).transform(({ result }) => result), Page])

/** One line that was read, as the contract has it. */
export interface ReadLine {
  readonly text: string
  readonly lang?: string
  readonly box?: readonly number[]
}

/**
 * The lines in an answer of Vision OCR: a JSON object a page, in today's form or the one of its older examples. undefined: it is
 * neither. Pure.
 */
export function textsOf(body: string): ReadLine[] | undefined {
  const pages = body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [jsonOf(line)]))
  // A single object may be written over several lines.
  const whole = pages.every((page) => page === undefined) ? [jsonOf(body)] : pages
  const read = z.array(Answer).min(1).safeParse(whole)
  return read.success ? read.data.flatMap(linesOf) : undefined
}

function linesOf(page: z.output<typeof Annotation>): ReadLine[] {
  return page.blocks.flatMap(({ lines, languages: [language] }) => {
    const lang = language?.languageCode ?? language?.language_code
    return lines.flatMap((line) => {
      const text = (line.text ?? line.alternatives[0]?.text ?? '').trim()
      if (text === '') return []
      const box = boxOf(page, line.boundingBox ?? line.bounding_box)
      return [{ text, ...(lang ? { lang } : {}), ...(box ? { box } : {}) }]
    })
  })
}

function boxOf(
  { width, height }: z.output<typeof Annotation>,
  corners: z.output<typeof Corners> | undefined,
) {
  const { vertices = [] } = corners ?? {}
  if (vertices.length < 2 || width <= 0 || height <= 0) return undefined
  const span = (all: readonly number[], whole: number) => {
    const within = all.map((one) => Math.min(1, Math.max(0, one / whole)))
    return [Math.min(...within), Math.max(...within)] as const
  }
  const [left, right] = span(
    vertices.map(({ x }) => x),
    width,
  )
  const [top, bottom] = span(
    vertices.map(({ y }) => y),
    height,
  )
  return [left, top, right - left, bottom - top]
}
