import fc from 'fast-check'

/** What a value of an answer turns into. */
const strange = [
  null,
  '',
  'x\u0000y\ud800',
  0,
  -1,
  1e300,
  2 ** 53 + 2,
  true,
  [],
  {},
  '99999999999999999999',
  '1970-01-01T00:00:00Z',
]

/** One change of an answer: at which of its values, and what it becomes; gone: the value is left out. */
interface Mutation {
  readonly at: number
  readonly becomes: unknown
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({ at: fc.nat(5_000), becomes: fc.constantFrom(...strange, 'gone', 'twice') }),
  { minLength: 1, maxLength: 4 },
)

/** The same JSON with other values here and there. Pure. */
export const mutate = (body: unknown, changes: readonly Mutation[]): unknown =>
  changes.reduce<unknown>((mutated, change) => changedAt(mutated, change), structuredClone(body))

function changedAt(body: unknown, { at, becomes }: Mutation): unknown {
  const places: { readonly inside: Record<string, unknown>; readonly key: string }[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const key of Object.keys(value)) {
      places.push({ inside: value as Record<string, unknown>, key })
      visit((value as Record<string, unknown>)[key])
    }
  }
  visit(body)
  const place = places[at % Math.max(1, places.length)]
  if (!place) return becomes
  const { inside, key } = place
  if (Array.isArray(inside) && becomes === 'gone') inside.splice(Number(key), 1)
  else if (Array.isArray(inside) && becomes === 'twice')
    inside.splice(Number(key), 0, structuredClone(inside[Number(key)]))
  else if (becomes === 'gone') delete inside[key]
  else inside[key] = becomes
  return body
}
