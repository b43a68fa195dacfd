/**
 * Values in PostgreSQL's binary form, as the receive functions of its types read them: a whole column travels as one
 * parameter, and the server parses no text.
 */

/** What a column of each type takes; NULL besides. */
export interface Takes {
  readonly bigint: string | number
  readonly int: number
  readonly float8: number
  readonly text: string
  readonly boolean: boolean
  readonly uuid: string
  /** A time, or ISO text of one. */
  readonly timestamptz: Date | string
  readonly jsonb: unknown
  readonly 'text[]': readonly string[]
}
export type ColumnType = keyof Takes

/** Ids of the types of elements, which are the same on every server (pg_type.dat). */
const elementIds: Readonly<Record<ColumnType, number>> = {
  bigint: 20,
  int: 23,
  float8: 701,
  text: 25,
  boolean: 16,
  uuid: 2950,
  timestamptz: 1184,
  jsonb: 3802,
  // Rows of an array of arrays could not be distinguished: each travels as its text.
  'text[]': 25,
}

const arrayHeader = 20
const epochMs = Date.UTC(2000, 0, 1)

/** Bytes that grow. */
class Bytes {
  #buffer: Buffer
  #at = 0

  constructor(expected: number) {
    this.#buffer = Buffer.allocUnsafe(expected)
  }

  /** A place of so many bytes, to be written at once. */
  room(bytes: number): { readonly buffer: Buffer; readonly at: number } {
    if (this.#at + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes))
      this.#buffer.copy(larger, 0, 0, this.#at)
      this.#buffer = larger
    }
    return { buffer: this.#buffer, at: this.#at }
  }

  moveOn(bytes: number): void {
    this.#at += bytes
  }

  int32(value: number): void {
    const { buffer, at } = this.room(4)
    buffer.writeInt32BE(value, at)
    this.#at += 4
  }

  int16(value: number): void {
    const { buffer, at } = this.room(2)
    buffer.writeInt16BE(value, at)
    this.#at += 2
  }

  done(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}

/** A length and that many bytes. */
type Write = (bytes: Bytes, value: never) => void

/** Integers that a double holds are written as two halves, which is much faster than as one BigInt. */
function int64(bytes: Bytes, value: string | number): void {
  const { buffer, at } = bytes.room(12)
  buffer.writeInt32BE(8, at)
  const number = Number(value)
  if (Number.isSafeInteger(number)) {
    buffer.writeInt32BE(Math.floor(number / 0x1_0000_0000), at + 4)
    buffer.writeUInt32BE(number >>> 0, at + 8)
  } else buffer.writeBigInt64BE(BigInt(value), at + 4)
  bytes.moveOn(12)
}

function utf8(bytes: Bytes, value: string, prefix = 0): void {
  const { buffer, at } = bytes.room(4 + prefix + value.length * 3)
  const length = prefix + buffer.write(value, at + 4 + prefix)
  buffer.writeInt32BE(length, at)
  // The version of jsonb.
  if (prefix === 1) buffer[at + 4] = 1
  bytes.moveOn(4 + length)
}

/** Microseconds since 2000. Throws a RangeError for what is no time. */
function timestamp(bytes: Bytes, value: Date | string): void {
  const ms = typeof value === 'string' ? Date.parse(value) : value.getTime()
  if (!Number.isFinite(ms)) throw new RangeError(`no time: ${value}`)
  const micros = (ms - epochMs) * 1_000
  int64(bytes, Number.isSafeInteger(micros) ? micros : `${BigInt(ms - epochMs) * 1_000n}`)
}

const arrayText = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`

const writes: { readonly [Type in ColumnType]: (bytes: Bytes, value: Takes[Type] & {}) => void } = {
  bigint: int64,
  int: (bytes, value) => {
    bytes.int32(4)
    bytes.int32(value)
  },
  float8: (bytes, value) => {
    const { buffer, at } = bytes.room(12)
    buffer.writeInt32BE(8, at)
    buffer.writeDoubleBE(value, at + 4)
    bytes.moveOn(12)
  },
  text: (bytes, value) => utf8(bytes, value),
  boolean: (bytes, value) => {
    const { buffer, at } = bytes.room(5)
    buffer.writeInt32BE(1, at)
    buffer[at + 4] = value ? 1 : 0
    bytes.moveOn(5)
  },
  uuid: (bytes, value) => {
    const { buffer, at } = bytes.room(20)
    buffer.writeInt32BE(16, at)
    const hex = value.length === 32 ? value : value.replaceAll('-', '')
    if (buffer.write(hex, at + 4, 16, 'hex') !== 16) throw new RangeError(`not a UUID: ${value}`)
    bytes.moveOn(20)
  },
  timestamptz: timestamp,
  jsonb: (bytes, value) => utf8(bytes, JSON.stringify(value), 1),
  'text[]': (bytes, value) => utf8(bytes, arrayText(value)),
}

/** Values of one type as an array parameter; undefined counts as NULL. */
export function arrayOf(type: ColumnType, values: readonly unknown[]): Buffer {
  const bytes = new Bytes(arrayHeader + values.length * 16)
  const { buffer, at } = bytes.room(arrayHeader)
  const write = writes[type] as Write
  const hasNull = values.some((value) => value === null || value === undefined)
  const dimensions = values.length > 0 ? 1 : 0
  for (const [place, field] of [dimensions, hasNull ? 1 : 0, elementIds[type], values.length, 1].entries())
    buffer.writeInt32BE(field, at + place * 4)
  bytes.moveOn(dimensions === 0 ? 12 : arrayHeader)
  for (const value of values) {
    if (value === null || value === undefined) bytes.int32(-1)
    else write(bytes, value as never)
  }
  return bytes.done()
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** Rows for COPY, with their fields in the order of the types; undefined counts as NULL. */
export function copyOf(types: Readonly<Record<string, ColumnType>>, rows: readonly object[]): Buffer {
  const columns = Object.entries(types).map(([name, type]) => [name, writes[type] as Write] as const)
  const bytes = new Bytes(signature.length + rows.length * columns.length * 16)
  signature.copy(bytes.room(signature.length).buffer)
  bytes.moveOn(signature.length)
  for (const row of rows) {
    bytes.int16(columns.length)
    for (const [name, write] of columns) {
      const value = row[name as keyof typeof row]
      if (value === null || value === undefined) bytes.int32(-1)
      else write(bytes, value)
    }
  }
  bytes.int16(-1)
  return bytes.done()
}
