import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../../local/postgres/server.ts'
import { newFolder } from '../setup/start.ts'

test('data of another major version is refused in one line that says what to do, and left as it is', async () => {
  const folder = join(newFolder(), 'postgres')
  mkdirSync(folder)
  writeFileSync(join(folder, 'PG_VERSION'), '9\n')
  await expect(startServer(folder)).rejects.toThrow(
    /^the data in .* is of PostgreSQL 9, this release runs \d+: remove that folder/,
  )
})
