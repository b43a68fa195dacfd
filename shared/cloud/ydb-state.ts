import type { StateStore } from '../model/state-store.ts'
import { openConnection, type YdbOptions } from './ydb-connection.ts'
import { ydb } from './ydb-sdk.ts'

const { AUTO_TX, Column, ExecuteQuerySettings, TableDescription, TypedData, TypedValues, Types } = ydb

const name = 'DECLARE $name AS Utf8; '
const lasts = 'DECLARE $lasts AS Interval; '
/** Statements by the name of the table, whose rows end by its own clock. */
const statements = (table: string) => ({
  count: `${name}${lasts}$old = SELECT count, ends_at FROM ${table} WHERE name = $name AND ends_at > CurrentUtcTimestamp(); $next = SELECT $name AS name, COALESCE(MAX(count), 0u) + 1u AS count, COALESCE(MAX(ends_at), CurrentUtcTimestamp() + $lasts) AS ends_at FROM $old; SELECT count FROM $next; UPSERT INTO ${table} SELECT name, count, ends_at FROM $next;`,
  get: `${name}SELECT text FROM ${table} WHERE name = $name AND ends_at > CurrentUtcTimestamp();`,
  put: `${name}${lasts}DECLARE $text AS Utf8; UPSERT INTO ${table} (name, text, ends_at) VALUES ($name, $text, CurrentUtcTimestamp() + $lasts);`,
})

/**
 * Short-lived state in a table of YDB. Nothing connects before it is used.
 * @param options table: another one than `fast_state`, for checks
 */
export function openYdbState(
  options: YdbOptions & { readonly table?: string },
): StateStore & { createTable(): Promise<void>; dropTable(): Promise<void> } {
  const { table = 'fast_state', limitMs = 1_000 } = options
  const ask = statements(table)
  const { within, close } = openConnection({ ...options, limitMs })
  const run = async (statement: string, params: Parameters): Promise<Record<string, unknown> | undefined> => {
    const { resultSets } = await within((session) =>
      session.executeQuery(statement, params, AUTO_TX, new ExecuteQuerySettings().withKeepInCache(true)),
    )
    return resultSets[0] ? TypedData.createNativeObjects(resultSets[0])[0] : undefined
  }
  return {
    count: async (name, windowS) => Number((await run(ask.count, paramsOf(name, windowS)))?.['count'] ?? 0),
    get: async (name) => {
      const text = (await run(ask.get, { $name: TypedValues.utf8(name) }))?.['text']
      return typeof text === 'string' ? text : undefined
    },
    put: async (name, text, seconds) => {
      await run(ask.put, { ...paramsOf(name, seconds), $text: TypedValues.utf8(text) })
    },
    createTable: () => within((session) => session.createTable(table, description())),
    dropTable: () => within((session) => session.dropTable(table)),
    close,
  }
}

type Parameters = Record<string, ReturnType<typeof TypedValues.utf8>>
const microseconds = 1_000_000
const paramsOf = (name: string, seconds: number): Parameters => ({
  $name: TypedValues.utf8(name),
  $lasts: TypedValues.fromNative(Types.INTERVAL, seconds * microseconds),
})

/** As terraform makes it too (terraform/ydb.tf). */
const description = () =>
  new TableDescription()
    .withColumns(
      new Column('name', Types.optional(Types.UTF8)),
      new Column('text', Types.optional(Types.UTF8)),
      new Column('count', Types.optional(Types.UINT32)),
      new Column('ends_at', Types.optional(Types.TIMESTAMP)),
    )
    .withPrimaryKey('name')
    .withTtl('ends_at')
