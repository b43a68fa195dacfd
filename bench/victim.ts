// A process that claims pages and is killed before it has transformed them: `victim.ts DATABASE_URL`.
import { claimPages } from '#shared/db/tables/raw-pages.ts'
import { keepPages, pagesOfWork } from './ours.ts'
import { prepare } from './pipeline.ts'
import { withDb } from './server.ts'

await withDb(process.argv[2] ?? '', 4, async (db) => {
  const accounts = await pagesOfWork()
  await keepPages(db, accounts, await prepare(db, accounts))
  await claimPages(db, { pages: 100, bytes: 8_000_000 })
  process.stdout.write('held\n')
  await new Promise(() => setInterval(() => undefined, 1_000))
})
