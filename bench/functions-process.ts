// The functions, their queues and the API in one process, as workers of the other drivers are: `functions-process.ts DATABASE_URL`.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCloud } from '../local/cloud.ts'
import { openGateway } from '../local/gateway.ts'
import { runAlive } from '../local/run.ts'
import { withDb } from './server.ts'

const [, , databaseUrl = ''] = process.argv
const { API_KEY: apiKey = '', ...env } = process.env

await withDb(databaseUrl, 1, async (db) => {
  const clock = { now: () => new Date(), jumpTo: async () => undefined }
  const cloud = await openCloud({
    ...{ db, clock, databaseUrl, apiKey, credentialsKey: undefined },
    env: env as Record<string, string>,
    folder: mkdtempSync(join(tmpdir(), 'social-sync-bench-')),
    onFailure: (name, error) => process.stderr.write(`${name} failed: ${error}\n`),
  })
  const gateway = await openGateway(0, (event) => cloud.triggers.call('sync', event))
  process.stdout.write(`{"port":${new URL(gateway.url).port}}\n`)
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  await runAlive({
    ...{ db, cloud, clock, platforms: ['youtube'], signal: stop.signal, speed: () => 1 },
    ...{ onProgress: () => undefined, onFirstSync: async () => undefined },
  })
  await gateway.close()
  await cloud.close()
})
