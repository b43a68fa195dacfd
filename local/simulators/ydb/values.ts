import type proto from 'ydb-sdk-proto'
import type { Row } from './tables.ts'

/** Rows as a list of structs, whose members stand in the order of their type. */
export function rowsOf(rows: proto.Ydb.ITypedValue | null | undefined): Row[] {
  const members = rows?.type?.listType?.item?.structType?.members ?? []
  const place = (name: string) => members.findIndex((member) => member.name === name)
  const [key, body, end] = [place('key'), place('body'), place('expires_at')]
  return (rows?.value?.items ?? []).map(({ items }) => ({
    key: bytesOf(items?.[key]),
    body: bytesOf(items?.[body]),
    expires_at: endOf(items?.[end]),
  }))
}

/** Bytes of a list. */
export const keysOf = (list: proto.Ydb.ITypedValue | undefined): Uint8Array[] =>
  (list?.value?.items ?? []).map(bytesOf)

const bytesOf = (value: proto.Ydb.IValue | undefined): Uint8Array => value?.bytesValue ?? new Uint8Array()

/** A timestamp, or null. */
export const endOf = (value: proto.Ydb.IValue | null | undefined): bigint | null =>
  value && Object.hasOwn(value, 'uint64Value') ? BigInt(String(value.uint64Value)) : null
