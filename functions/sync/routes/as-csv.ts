import papa from 'papaparse'
import * as z from 'zod'
import { type HttpResponse, respond } from '#shared/http/problem.ts'
import { notInCsv } from '../api/page.ts'

/** The schema of the items of a list; undefined: the answer is no list. */
export const itemOf = (answer: z.ZodType): z.ZodObject | undefined => {
  const items = answer instanceof z.ZodObject ? answer.shape['items'] : undefined
  const item = items instanceof z.ZodArray ? items.element : undefined
  return item instanceof z.ZodObject ? item : undefined
}

const isPlain = (value: unknown) => typeof value !== 'object' || value === null
const cellOf = (value: unknown): string => {
  if (Array.isArray(value) && value.every(isPlain)) return value.join('; ')
  return isPlain(value) ? String(value ?? '') : JSON.stringify(value)
}

/** What a spreadsheet would take for a formula; a negative number is none. */
const formula = /^(?!-\d+(?:\.\d+)?$)[=+\-@\t\r]/

/**
 * A page of a list as CSV (RFC 4180): a column for each field, an empty cell for null, several values apart by `; `. What a
 * spreadsheet would take for a formula begins with an apostrophe. The header `link` leads to the next page.
 */
export function csvOf(item: z.ZodObject, answer: object, next: string | null): HttpResponse {
  const { items } = answer as { readonly items: readonly Record<string, unknown>[] }
  const names = Object.keys(item.shape).filter((name) => !notInCsv.has(item.shape[name]))
  const rows = items.map((one) => names.map((name) => cellOf(one[name])))
  const text = `${papa.unparse([names, ...rows], { escapeFormulae: formula })}\r\n`
  const headers = {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="list.csv"',
    ...(next === null ? {} : { link: `<${next}>; rel="next"` }),
  }
  return { ...respond(200, {}, headers), body: text }
}
