import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import {
  accountOfHandle,
  accountsOfNames,
  followAccounts,
  markSeen,
  type NewAccount,
} from '#shared/db/tables/accounts.ts'
import { listAccounts } from '#shared/db/views/account-list.ts'
import { openTestDatabase } from '../setup/database.ts'

const named = (handle: string): NewAccount => ({
  ...{ platform: 'youtube', handle, native_id: null },
  access_mode: 'public_key',
})

test('capitals of any script are one handle, also where the database knows only Latin ones', async () => {
  const { db } = await openTestDatabase()
  // The default of Managed PostgreSQL.
  expect(await db.rows(sql`select lower('ЗЕРНО') as kept`)).toEqual([{ kept: 'ЗЕРНО' }])
  await followAccounts(db, [named('ЗерноКофе')])
  await followAccounts(db, [named('зернокофе'), named('ЗЕРНОКОФЕ'), named('zerno')])
  await followAccounts(db, [named('ＺＥＲＮＯ')])
  expect(await db.rows(sql`select handle, handle_norm from accounts order by id`)).toEqual([
    { handle: 'ЗерноКофе', handle_norm: 'зернокофе' },
    { handle: 'zerno', handle_norm: 'zerno' },
  ])
  expect(await accountOfHandle(db, 'youtube', 'ЗЕРНОкофе')).toMatchObject({ id: '1' })
  expect(await accountsOfNames(db, [named('зернОкофе')])).toEqual(new Map([[0, '1']]))
  expect(
    await listAccounts(db, { handle: 'ЗЕРНОКОФЕ', reach: null }, { isDescending: false }, 5),
  ).toHaveLength(1)
})

test('what was written without the folded form has it, also where only its capitals change', async () => {
  const { db } = await openTestDatabase()
  await db.rows(
    sql`insert into accounts (platform, handle, access_mode) values ('youtube', 'Zerno', 'public_key'), ('youtube', 'Зерно', 'public_key')`,
  )
  const norms = async () =>
    (await db.rows<{ handle_norm: string }>(sql`select handle_norm from accounts order by id`)).map(
      ({ handle_norm }) => handle_norm,
    )
  expect(await norms()).toEqual(['zerno', 'зерно'])
  await markSeen(db, [{ id: '2', native_id: 'UC2', handle: 'ЗЕРНО', observed_at: new Date() }])
  expect(await norms()).toEqual(['zerno', 'зерно'])
  await db.rows(sql`update accounts set handle = 'Kofe' where id = 1`)
  expect(await norms()).toEqual(['kofe', 'зерно'])
})
