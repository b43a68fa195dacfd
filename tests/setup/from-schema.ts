import * as fc from 'fast-check'

/** As much of JSON Schema as the document uses. */
export interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
}

/** Values that fit a schema. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting))
  const { minimum = -1_000_000, maximum = 1_000_000 } = schema
  if (schema.type === 'object') return objects(schema)
  if (schema.type === 'array') return fc.array(fitting(schema.items ?? {}), { maxLength: 3 })
  if (schema.type === 'integer')
    return fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31) })
  if (schema.type === 'number') return fc.double({ noNaN: true })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'null') return fc.constant(null)
  return schema.type === 'string' ? strings(schema) : fc.jsonValue()
}

/** What names accounts, so that not everything is refused for its spelling; and is longer than a token must be. */
const words = [
  'zerno.coffee',
  '@tom_1',
  `UC${'a'.repeat(22)}`,
  'https://www.youtube.com/@zerno',
  'x'.repeat(40),
]

function strings({ pattern, format, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((at) => at.toISOString())
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  const anything = fc.string({
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, 40)),
    unit: 'binary',
  })
  return fc.oneof(
    anything,
    fc.constantFrom(...words).filter((word) => word.length >= minLength),
  )
}

function objects({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> {
  const model = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, fitting(one)]))
  return fc.record(model, { requiredKeys: required.filter((name) => name in model) })
}

/** Values that fit, that nearly fit, and that do not at all. */
export const nearly = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: fitting(schema) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fitting(schema), fc.string(), fc.jsonValue())
        .map(([value, name, other]) =>
          isRecord(value) ? { ...value, [Object.keys(value)[0] ?? name]: other } : other,
        ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  )

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
