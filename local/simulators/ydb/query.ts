import { bodyQueries } from './body-queries.ts'
import { Refused } from './service.ts'
import { stateQueries } from './state-queries.ts'
import type { Parameters, ResultSet, Running } from './understood.ts'

/** Runs a query. @param existing the name of a table, by its path */
export function execute(
  text: string,
  parameters: Parameters,
  { existing, ...running }: Omit<Running, 'table'> & { readonly existing: (path: string) => string },
): ResultSet | undefined {
  for (const { form, run } of [...bodyQueries, ...stateQueries]) {
    const [, name] = form.exec(text) ?? []
    if (name !== undefined) return run(parameters, { ...running, table: existing(name) })
  }
  throw new Refused('GENERIC_ERROR', `this server does not know the statement: ${text}`)
}
