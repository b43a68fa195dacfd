import { expect, test } from 'vitest'
import * as z from 'zod'
import { sql } from '#shared/db/sql.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { openTestDatabase } from '../setup/database.ts'

test('the table of platforms is what the registry says: names, and endpoints that hold a profile and no post', async () => {
  const { db } = await openTestDatabase()
  const rows = await db.rows<{ name: string; profile_endpoints: string[] }>(
    sql`select * from platforms order by name`,
  )
  const defined = platforms.map(({ name, access, planning }) => {
    const settings = z.object(planning).parse({}) as never
    const calls = Object.values(access).map((right) => right.calls(settings))
    const endpoints = calls.flatMap(({ profiles, list }) =>
      list.isBegunByProfile ? [] : [profiles.endpoint],
    )
    return { name, profile_endpoints: endpoints }
  })
  expect(rows).toEqual(defined.toSorted((a, b) => a.name.localeCompare(b.name)))
})
