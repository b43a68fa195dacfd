import type proto from 'ydb-sdk-proto'
import { type Running, resultSet, type Understood } from './understood.ts'

const name = String.raw`DECLARE \$name AS Utf8; `
const lasts = String.raw`DECLARE \$lasts AS Interval; `
const current = String.raw`WHERE name = \$name AND ends_at > CurrentUtcTimestamp\(\);`

const textOf = (value: proto.Ydb.ITypedValue | undefined) => value?.value?.textValue ?? ''
const keyOf = (value: proto.Ydb.ITypedValue | undefined) => Buffer.from(textOf(value))
const microseconds = 1_000n
const endAfter = (now: Date, interval: proto.Ydb.ITypedValue | undefined) =>
  BigInt(now.getTime()) * microseconds + BigInt(String(interval?.value?.int64Value ?? 0))

/** The row of a name, unless its time is over. */
const found = ({ tables, table }: Running, key: Buffer) => tables.get(table, [key])[0]

/** Of a table of short-lived state: a row counts, or has a text. */
export const stateQueries: readonly Understood[] = [
  {
    form: new RegExp(
      `^${name}${lasts}\\$old = SELECT count, ends_at FROM (\\w+) ${current} ` +
        String.raw`\$next = SELECT \$name AS name, COALESCE\(MAX\(count\), 0u\) \+ 1u AS count, ` +
        String.raw`COALESCE\(MAX\(ends_at\), CurrentUtcTimestamp\(\) \+ \$lasts\) AS ends_at FROM \$old; ` +
        String.raw`SELECT count FROM \$next; UPSERT INTO \w+ SELECT name, count, ends_at FROM \$next;$`,
    ),
    run: ({ $name, $lasts }, running) => {
      running.spend(4)
      const key = keyOf($name)
      const old = found(running, key)
      const count = Number(old ? Buffer.from(old.body).toString() : 0) + 1
      const expires_at = old?.expires_at ?? endAfter(running.now, $lasts)
      running.tables.upsert(running.table, [{ key, body: Buffer.from(String(count)), expires_at }])
      return resultSet({ count: 'UINT32' }, [[{ uint32Value: count }]])
    },
  },
  {
    form: new RegExp(`^${name}SELECT text FROM (\\w+) ${current}$`),
    run: ({ $name }, running) => {
      running.spend(2)
      const row = found(running, keyOf($name))
      return resultSet({ text: 'UTF8' }, row ? [[{ textValue: Buffer.from(row.body).toString() }]] : [])
    },
  },
  {
    form: new RegExp(
      `^${name}${lasts}DECLARE \\$text AS Utf8; ` +
        String.raw`UPSERT INTO (\w+) \(name, text, ends_at\) VALUES \(\$name, \$text, CurrentUtcTimestamp\(\) \+ \$lasts\);$`,
    ),
    run: ({ $name, $text, $lasts }, { tables, table, now, spend }) => {
      spend(2)
      const body = Buffer.from(textOf($text))
      tables.upsert(table, [{ key: keyOf($name), body, expires_at: endAfter(now, $lasts) }])
      return undefined
    },
  },
]
