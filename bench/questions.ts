import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Question {
  readonly title: string
  readonly text: string
}

/** The questions of docs/ANALYTICS.md, each with its SQL. */
export const questions: readonly Question[] = readFileSync(
  join(import.meta.dirname, '../docs/ANALYTICS.md'),
  'utf8',
)
  .split(/^## /m)
  .flatMap((chapter) => {
    const [, text] = /```sql\n([\s\S]*?)```/.exec(chapter) ?? []
    const [title = ''] = chapter.split('\n')
    return text ? [{ title, text }] : []
  })
