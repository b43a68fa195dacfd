import type * as z from 'zod'
import { TerminalError } from '../errors.ts'
import type { ReadRecord } from './platform.ts'
import { parseClean } from './text/clean.ts'

/** A stored answer as a whole. Throws a TerminalError when it is no JSON, or not of this shape. */
export function readAnswer<T>(
  schema: z.ZodType<T>,
  body: string,
  parse: (text: string) => unknown = parseClean,
): T {
  try {
    return schema.parse(parse(body))
  } catch (cause) {
    throw new TerminalError('the answer is not of the known shape', { reason: 'unreadable', cause })
  }
}

/** One item by its schema: a record, or a refusal with its place and every fault. */
export function readItem<Theirs, Ours>(
  schema: z.ZodType<Theirs>,
  item: unknown,
  place: readonly PropertyKey[],
  map: (item: Theirs) => Ours,
): ReadRecord<Ours> {
  const parsed = schema.safeParse(item)
  if (parsed.success) return { ok: true, record: map(parsed.data) }
  const [first] = parsed.error.issues
  return {
    ok: false,
    path: [...place, ...(first?.path ?? [])].map(String).join('.'),
    cause: first?.code ?? 'invalid',
    issues: parsed.error.issues.map(({ path, message, code }) => ({ path: path.join('.'), message, code })),
    raw: item,
  }
}
