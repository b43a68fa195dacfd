/// <reference path="./copy-from.d.ts" />
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import copyFrom from 'pg-copy-streams/copy-from.js'
import type { Sql } from './sql.ts'

/** New rows of one table by COPY: the table with its columns, and the rows in binary form. */
export interface NewRows {
  readonly into: Sql
  readonly rows: Buffer
}

/** Rejects with the server's error, after which only a rollback can follow. */
export async function copy(client: pg.ClientBase, { into, rows }: NewRows): Promise<void> {
  const stream = client.query(copyFrom(`copy ${into.sql} from stdin (format binary)`))
  stream.end(rows)
  await finished(stream)
}
