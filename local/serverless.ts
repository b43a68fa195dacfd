import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'

const QueueTrigger = z.object({ queue: z.string(), batch: z.int(), cutoff: z.int() })
export type QueueTrigger = z.infer<typeof QueueTrigger>

const Event = z.union([
  z.object({ cron: z.object({ expression: z.string() }) }),
  z.object({ ymq: QueueTrigger }),
])

const Serverless = z.object({
  functions: z.record(
    z.string(),
    z.object({ handler: z.string(), timeout: z.string().regex(/^\d+$/), events: z.array(Event).default([]) }),
  ),
  custom: z.object({
    functions: z.record(
      z.string(),
      z.object({ instances: z.int(), environment: z.array(z.string()), secrets: z.array(z.string()) }),
    ),
    queues: z.record(z.string(), z.object({ visibility: z.int(), retention: z.int() })),
  }),
})
export type Serverless = z.infer<typeof Serverless>

/** serverless.yml, checked. */
export function readServerless(): Serverless {
  const path = join(import.meta.dirname, '..', 'serverless.yml')
  return Serverless.parse(parse(readFileSync(path, 'utf8'), { version: '1.2' }))
}
