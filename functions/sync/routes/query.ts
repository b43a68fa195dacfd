import * as z from 'zod'
import type { Place } from '#shared/db/views/sorted.ts'
import { type HttpEvent, isText, notText } from '#shared/http/http-event.ts'
import { Problem } from '#shared/http/problem.ts'
import { jsonOf } from '#shared/model/json.ts'

/** Of a list also whether it is wanted as CSV. Throws a Problem 400 for what does not fit, and for what is not known here. */
export function readQuery<Query>(schema: z.ZodType<Query> | undefined, event: HttpEvent, isList: boolean) {
  const { format, ...given } = { ...event.queryStringParameters }
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const faults = Object.entries(given).flatMap(([field, text]) => {
    if (!known.includes(field)) return [{ field, message: 'there is no such parameter' }]
    return isText(text) ? [] : [{ field, message: notText }]
  })
  if (format !== undefined && !isList) faults.push({ field: 'format', message: 'there is no such parameter' })
  else if (format !== undefined && !['csv', 'json'].includes(format))
    faults.push({ field: 'format', message: 'csv or json' })
  if (faults.length > 0) throw unfitQuery(faults)
  const parsed = schema?.safeParse(given)
  if (parsed?.error)
    throw unfitQuery(
      parsed.error.issues.map(({ path, message }) => ({ field: path.join('.') || 'query', message })),
    )
  return { query: parsed?.data, isCsv: format === 'csv' }
}

const unfitQuery = (fields: Problem['fields']) =>
  new Problem(400, 'invalid_query', 'the query does not fit its schema', fields)

/** Where the next page of a list is. null: this is the last one. */
export function nextAddress({ path, queryStringParameters }: HttpEvent, answer: object): string | null {
  const { next } = answer as { readonly next?: string | null }
  if (!next) return null
  return `${path}?${new URLSearchParams({ ...queryStringParameters, after: next })}`
}

/** Where a sorted list goes on, from the `next` of the page before; its key must fit what the list is sorted by. Throws a Problem 400. */
export function placeOf(after: string | undefined, fits: RegExp = /^/): Place | undefined {
  if (after === undefined) return undefined
  if (/^\d{1,18}$/.test(after)) return { key: null, id: after }
  const text = Buffer.from(after, 'base64url').toString('utf8')
  const place = z.tuple([z.string().refine(isText), z.string().regex(/^\d{1,18}$/)]).safeParse(jsonOf(text))
  if (place.success && fits.test(place.data[0])) return { key: place.data[0], id: place.data[1] }
  throw unfitQuery([{ field: 'after', message: 'give the `next` of the page before' }])
}

/** The page of a sorted list, of rows of which one more was read. */
export function sortedPage<Row extends { readonly id: string; readonly sort_key: string | null }>(
  rows: readonly Row[],
  limit: number,
) {
  const { items, next } = paged(rows, limit)
  const key = items.at(-1)?.sort_key ?? null
  return {
    items,
    next: next && key !== null ? Buffer.from(JSON.stringify([key, next])).toString('base64url') : next,
  }
}

/** Drops the extra row that was read to see whether there is a next page. */
export function paged<Row extends { readonly id: string }>(rows: readonly Row[], limit: number) {
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
