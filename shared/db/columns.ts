import { arrayOf, type ColumnType, copyOf, type Takes } from './binary.ts'
import type { NewRows } from './copy.ts'
import { join, raw, type Sql, sql } from './sql.ts'

type TypeFor<Value> = {
  [Type in ColumnType]: NonNullable<Value> extends Takes[Type] ? Type : never
}[ColumnType]
type Types<Row> = { readonly [Name in keyof Row & string]-?: TypeFor<Row[Name]> }

/** Columns by the fields of a row: a field that has none, or one of a type that cannot hold it, fails to compile. */
export class Columns<Row extends object> {
  readonly #types: Readonly<Record<string, ColumnType>>
  readonly names: readonly (keyof Row & string)[]
  /** Their names, as in the list of an insert. */
  readonly list: Sql

  constructor(types: Readonly<Record<string, ColumnType>>) {
    this.#types = types
    this.names = Object.keys(types) as (keyof Row & string)[]
    this.list = raw(this.names.join(', '))
  }

  /** Their names, each of that table or alias. */
  of(alias: string): Sql {
    return raw(this.names.map((name) => `${alias}.${name}`).join(', '))
  }

  /** Rows to select from, each column in one parameter. */
  rows(rows: readonly Row[], alias = 'r'): Sql {
    const types = Object.entries(this.#types)
    const arrays = types.map(([name, type]) => {
      const values = rows.map((row) => row[name as keyof Row])
      return sql`${arrayOf(type, values)}::${raw(type === 'text[]' ? 'text[]' : `${type}[]`)}`
    })
    const unnested = sql`unnest(${join(arrays)})`
    if (!types.some(([, type]) => type === 'text[]')) return sql`${unnested} as ${raw(alias)}(${this.list})`
    const selected = types.map(([name, type]) => (type === 'text[]' ? `${name}::text[]` : name)).join(', ')
    return sql`(select ${raw(selected)} from ${unnested} as u(${this.list})) as ${raw(alias)}`
  }

  /** New rows of a table, for COPY. Throws for columns of arrays, which COPY takes in a form of their own. */
  newRows(table: string, rows: readonly Row[]): NewRows {
    if (Object.values(this.#types).includes('text[]')) throw new Error('COPY of arrays is not supported')
    return { into: sql`${raw(table)} (${this.list})`, rows: copyOf(this.#types, rows) }
  }

  /** For a `set`: all of them from that table or alias. */
  setFrom(alias: string): Sql {
    return sql`(${this.list}) = row(${this.of(alias)})`
  }

  /** These, and others after them. */
  and<Other extends object>(others: Columns<Other>): Columns<Row & Other> {
    return new Columns({ ...this.#types, ...others.#types })
  }
}

/** Columns as statements name them, whatever their rows. */
export type ColumnList = Pick<Columns<object>, 'list' | 'of' | 'setFrom'>

/** The columns of a kind of row, with their types. */
export const columns = <Row extends object>(types: Types<Row>): Columns<Row> =>
  new Columns(types as Readonly<Record<string, ColumnType>>)

export type RowOf<Of> = Of extends Columns<infer Row> ? Row : never
