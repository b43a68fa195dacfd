import type * as z from 'zod'
import { TerminalError } from '../errors.ts'
import type { FieldIssue, ReadRecord } from './platform.ts'
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

/** Fields of an item whose values are taken from a list that the platform may make longer. */
export type Enumerations = Readonly<Record<string, readonly string[]>>

/**
 * One item by its schema. A field that breaks it is left out with an issue noted, as long as the schema does without it:
 * the rest of the record is worth more than the one value. Without what it cannot do without (identity, account, time)
 * the item is refused with its place and every fault. A new value of an enumeration is kept, and noted too.
 */
export function readItem<Theirs, Ours>(
  schema: z.ZodType<Theirs>,
  item: unknown,
  place: readonly PropertyKey[],
  map: (item: Theirs) => Ours,
  enumerations: Enumerations = {},
): ReadRecord<Ours> {
  const first = schema.safeParse(item)
  const salvaged = first.success ? { data: first.data, issues: [] } : salvage(schema, item)
  if (salvaged) {
    const issues = [...salvaged.issues, ...newValues(item, enumerations)]
    return { ok: true, record: map(salvaged.data), issues }
  }
  const faults = first.error?.issues ?? []
  return {
    ok: false,
    path: [...place, ...(faults[0]?.path ?? [])].map(String).join('.'),
    cause: faults[0]?.code ?? 'invalid',
    issues: faults.map(({ path, message, code }) => ({ path: path.join('.'), message, code })),
    raw: item,
  }
}

/** Each round takes out what the last one found; further ones find what stands around it. */
const mostRounds = 8

/** The item without the fields that break the schema; undefined: it cannot do without one of them. */
function salvage<T>(
  schema: z.ZodType<T>,
  item: unknown,
): { readonly data: T; readonly issues: readonly FieldIssue[] } | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const rest: unknown = structuredClone(item)
  const issues: FieldIssue[] = []
  for (let round = 0; round < mostRounds; round += 1) {
    const parsed = schema.safeParse(rest)
    if (parsed.success) return { data: parsed.data, issues }
    for (const { path, code, message } of lastFirst(parsed.error.issues)) {
      const taken = takeOut(rest, path)
      if (!taken) return undefined
      // The field is absent: that is no strange value.
      if (taken.value === null) continue
      issues.push({ field: taken.path.map(String).join('.'), code, message, value: taken.value })
    }
  }
  return undefined
}

type Fault = z.core.$ZodIssue

/**
 * One fault of each place, the outermost where one holds another; from the last place to the first, so that what is taken
 * out of a list moves no place still to come.
 */
function lastFirst(faults: readonly Fault[]): Fault[] {
  const holds = (outer: Fault, inner: Fault) => outer.path.every((key, index) => inner.path[index] === key)
  const isFirst = (fault: Fault, place: number) =>
    !faults.some(
      (other, index) => holds(other, fault) && (other.path.length < fault.path.length || index < place),
    )
  return faults.filter(isFirst).toReversed()
}

interface Taken {
  readonly path: readonly PropertyKey[]
  readonly value: unknown
}

/** Takes out the value at a place, or, where nothing stands there, what holds that place. undefined: all would go. */
function takeOut(root: unknown, path: readonly PropertyKey[]): Taken | undefined {
  const key = path.at(-1)
  if (key === undefined) return undefined
  const holder = valueAt(root, path.slice(0, -1))
  const value = isHolder(holder) ? holder[String(key)] : undefined
  if (value === undefined) return takeOut(root, path.slice(0, -1))
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else if (isHolder(holder)) delete holder[String(key)]
  return { path, value }
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (isHolder(value) ? value[String(key)] : undefined), root)

function newValues(item: unknown, enumerations: Enumerations): FieldIssue[] {
  return Object.entries(enumerations).flatMap(([field, known]): FieldIssue[] => {
    const value = valueAt(item, field.split('.'))
    if (typeof value !== 'string' || known.includes(value)) return []
    return [{ field, code: 'new_value', message: 'a value that is not known here, kept as it is', value }]
  })
}
