import proto from 'ydb-sdk-proto'
import type { Tables } from './tables.ts'

export type Parameters = Readonly<Record<string, proto.Ydb.ITypedValue>>
export type ResultSet = proto.Ydb.IResultSet

export interface Running {
  readonly tables: Tables
  readonly table: string
  readonly now: Date
  readonly spend: (units: number) => void
}

/** A statement that the server understands, of all of YQL: a further one has to be added on purpose. */
export interface Understood {
  /** Its group is the name of the table. */
  readonly form: RegExp
  /** undefined: it has no rows to answer. */
  readonly run: (parameters: Parameters, running: Running) => ResultSet | undefined
}

type TypeId = keyof typeof proto.Ydb.Type.PrimitiveTypeId

/** Rows as a query answers them; each column may be null. */
export const resultSet = (
  columns: Readonly<Record<string, TypeId>>,
  rows: readonly (readonly proto.Ydb.IValue[])[],
): ResultSet => ({
  columns: Object.entries(columns).map(([name, type]) => ({
    name,
    type: { optionalType: { item: { typeId: proto.Ydb.Type.PrimitiveTypeId[type] } } },
  })),
  rows: rows.map((items) => ({ items: [...items] })),
})
