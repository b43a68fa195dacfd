import sql, { empty, join, raw, type Sql } from 'sql-template-tag'

export { empty, join, raw, type Sql, sql }

/**
 * Rows as one parameter, for `json_to_recordset(${rowsParam(rows)}::json) as r(id bigint, ...)`: one statement for
 * many rows without the escaping of array parameters. Keys are column names; Dates travel as ISO text.
 */
export function rowsParam(rows: readonly object[]): string {
  return JSON.stringify(rows)
}
