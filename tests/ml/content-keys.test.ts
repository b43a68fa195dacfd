import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { openTestDatabase } from '../setup/database.ts'
import { keep, one, readAll, videos } from '../setup/seen-posts.ts'

test('the key of a content is a hash of it and of what keys begin with in this database', async () => {
  const { db } = await openTestDatabase()
  await db.rows(sql`update content_salts set salt = 'text|some model|' where "of" = 'text'`)
  await keep(db, [videos(0, one('v1', 'a title'))])
  await readAll(db)
  const expected = createHash('sha256').update('text|some model|a title\n#tag').digest('hex').slice(0, 32)
  expect(await db.rows(sql`select replace(text_key::text, '-', '') as key from posts`)).toEqual([
    { key: expected },
  ])
})
