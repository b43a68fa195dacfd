import type proto from 'ydb-sdk-proto'
import { Refused } from './service.ts'
import type { Row, Tables } from './tables.ts'
import { endOf, keysOf } from './values.ts'

type Parameters = Readonly<Record<string, proto.Ydb.ITypedValue>>

/** The statements that it understands, of all of YQL: a further one has to be added on purpose. */
const keys = String.raw`DECLARE \$keys AS List<String>; `
const understood = {
  get: new RegExp(`^${keys}SELECT key, body FROM (\\w+) WHERE key IN \\$keys;$`),
  remove: new RegExp(`^${keys}DELETE FROM (\\w+) WHERE key IN \\$keys;$`),
  setEnd: new RegExp(
    `^${keys}DECLARE \\$until AS Optional<Timestamp>; UPDATE (\\w+) SET expires_at = \\$until WHERE key IN \\$keys;$`,
  ),
}

/** Request units of one query: one each four kilobytes read, two each row written (YDB, serverless mode). */
const unitsOf = (rows: readonly Row[]) =>
  rows.reduce((sum, { body }) => sum + Math.max(1, Math.ceil(body.length / 4_096)), 1)

/**
 * Runs a query; undefined: it has no rows to answer.
 * @param existing the name of a table, by its path
 */
export function execute(
  text: string,
  parameters: Parameters,
  { tables, existing, spend }: Running,
): readonly Row[] | undefined {
  const entries = Object.entries(understood) as [keyof typeof understood, RegExp][]
  const [kind, name] = entries.flatMap(([one, form]) => {
    const [, table] = form.exec(text) ?? []
    return table === undefined ? [] : [[one, table] as const]
  })[0] ?? [undefined, '']
  if (kind === undefined)
    throw new Refused('GENERIC_ERROR', `this server does not know the statement: ${text}`)
  const table = existing(name)
  const wanted = keysOf(parameters['$keys'])
  if (kind === 'get') {
    const rows = tables.get(table, wanted)
    spend(unitsOf(rows))
    return rows
  }
  spend(wanted.length * 2)
  if (kind === 'remove') tables.remove(table, wanted)
  else tables.setEnd(table, wanted, endOf(parameters['$until']?.value))
  return undefined
}

interface Running {
  readonly tables: Tables
  readonly existing: (path: string) => string
  readonly spend: (units: number) => void
}
