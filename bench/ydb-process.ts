import { openYdb } from '../local/simulators/ydb/server.ts'

/** The simulated YDB as a process of its own, as a database is; its tables lie in the file that is named. */
const ydb = await openYdb({ file: process.argv[2] ?? ':memory:' })
process.stdout.write(`${ydb.url}\n`)
