import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Ydb } from 'ydb-sdk'
import type { FarBodies, FarBody } from '../model/far-bodies.ts'
import { openConnection, type YdbOptions } from './ydb-connection.ts'
import { ydb } from './ydb-sdk.ts'

const { AUTO_TX, Column, ExecuteQuerySettings, TableDescription, TypedData, TypedValues, Types } = ydb

const pack = promisify(zstdCompress)
const unpack = promisify(zstdDecompress)

/** YDB takes requests of up to 50 MB, rows of 8 MB, and answers with 1,000 rows at most (ydb.tech, limits). */
const atOnce = { bytes: 4_000_000, rows: 500 }

const rowType = Types.struct({
  key: Types.BYTES,
  body: Types.BYTES,
  expires_at: Types.optional(Types.TIMESTAMP),
})
const keysType = Types.list(Types.BYTES)

/** Statements by the name of the table. */
const statements = (table: string) => ({
  get: `DECLARE $keys AS List<String>; SELECT key, body FROM ${table} WHERE key IN $keys;`,
  remove: `DECLARE $keys AS List<String>; DELETE FROM ${table} WHERE key IN $keys;`,
  prolong: `DECLARE $keys AS List<String>; DECLARE $until AS Optional<Timestamp>; UPDATE ${table} SET expires_at = $until WHERE key IN $keys;`,
})

/**
 * Raw answers in a table of YDB, compressed. Nothing connects before it is used.
 * @param options table: another one than `raw_bodies`, for checks
 */
export function openYdbBodies(
  options: YdbOptions & { readonly table?: string },
): FarBodies & { createTable(): Promise<void>; dropTable(): Promise<void> } {
  const { table = 'raw_bodies' } = options
  const ask = statements(table)
  const { within, close } = openConnection(options)
  const run = (statement: string, params: Record<string, Ydb.ITypedValue>) =>
    within((session) => session.executeQuery(statement, params, AUTO_TX, settings()))
  const keysOf = (keys: readonly string[]) => TypedValues.fromNative(keysType, keys.map(bytesOf))
  const inParts = async (keys: readonly string[], work: (some: readonly string[]) => Promise<unknown>) => {
    for (let from = 0; from < keys.length; from += atOnce.rows)
      await work(keys.slice(from, from + atOnce.rows))
  }
  return {
    put: async (bodies) => {
      const rows = await Promise.all(bodies.map(rowOf))
      for (const some of partsOf(rows)) {
        const values = TypedValues.fromNative(Types.list(rowType), some)
        await within((session) => session.bulkUpsert(table, values as never))
      }
    },
    get: async (keys) => {
      const texts = new Map<string, string>()
      await inParts(keys, async (some) => {
        const { resultSets } = await run(ask.get, { $keys: keysOf(some) })
        const rows = resultSets[0] ? TypedData.createNativeObjects(resultSets[0]) : []
        for (const row of rows) {
          // One that is damaged is as if it were gone.
          const body = await unpack(row['body']).catch(() => undefined)
          if (body) texts.set(uuidOf(row['key']), body.toString('utf8'))
        }
      })
      return texts
    },
    remove: (keys) => inParts(keys, (some) => run(ask.remove, { $keys: keysOf(some) })),
    prolong: (keys, expiresAt) => {
      const $until = TypedValues.fromNative(Types.optional(Types.TIMESTAMP), expiresAt)
      return inParts(keys, (some) => run(ask.prolong, { $keys: keysOf(some), $until }))
    },
    createTable: () => within((session) => session.createTable(table, description())),
    dropTable: () => within((session) => session.dropTable(table)),
    close,
  }
}

const settings = () => new ExecuteQuerySettings().withKeepInCache(true)

/** As terraform makes it too (terraform/ydb.tf). */
const description = () =>
  new TableDescription()
    .withColumns(
      new Column('key', Types.optional(Types.BYTES)),
      new Column('body', Types.optional(Types.BYTES)),
      new Column('expires_at', Types.optional(Types.TIMESTAMP)),
    )
    .withPrimaryKey('key')
    .withTtl('expires_at')

const rowOf = async ({ key, body, expiresAt }: FarBody) => ({
  key: bytesOf(key),
  body: await pack(body),
  expires_at: expiresAt,
})

type Row = Awaited<ReturnType<typeof rowOf>>

function* partsOf(rows: readonly Row[]): Generator<Row[]> {
  let part: Row[] = []
  let bytes = 0
  for (const row of rows) {
    if (part.length > 0 && (bytes + row.body.length > atOnce.bytes || part.length === atOnce.rows)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(row)
    bytes += row.body.length
  }
  if (part.length > 0) yield part
}

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const uuidOf = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
