import type { Row } from './tables.ts'
import { resultSet, type Understood } from './understood.ts'
import { endOf, keysOf } from './values.ts'

const keys = String.raw`DECLARE \$keys AS List<String>; `

/** One unit each four kilobytes read (YDB, serverless mode). */
const unitsOf = (rows: readonly Row[]) =>
  rows.reduce((sum, { body }) => sum + Math.max(1, Math.ceil(body.length / 4_096)), 1)
/** Of each row written. */
const written = 2

/** Of a table of bodies. */
export const bodyQueries: readonly Understood[] = [
  {
    form: new RegExp(`^${keys}SELECT key, body FROM (\\w+) WHERE key IN \\$keys;$`),
    run: ({ $keys }, { tables, table, spend }) => {
      const rows = tables.get(table, keysOf($keys))
      spend(unitsOf(rows))
      return resultSet(
        { key: 'STRING', body: 'STRING' },
        rows.map(({ key, body }) => [{ bytesValue: key }, { bytesValue: body }]),
      )
    },
  },
  {
    form: new RegExp(`^${keys}DELETE FROM (\\w+) WHERE key IN \\$keys;$`),
    run: ({ $keys }, { tables, table, spend }) => {
      const wanted = keysOf($keys)
      spend(wanted.length * written)
      tables.remove(table, wanted)
      return undefined
    },
  },
  {
    form: new RegExp(
      `^${keys}DECLARE \\$until AS Optional<Timestamp>; UPDATE (\\w+) SET expires_at = \\$until WHERE key IN \\$keys;$`,
    ),
    run: ({ $keys, $until }, { tables, table, spend }) => {
      const wanted = keysOf($keys)
      spend(wanted.length * written)
      tables.setEnd(table, wanted, endOf($until?.value))
      return undefined
    },
  },
]
