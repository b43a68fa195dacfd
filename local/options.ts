import { parseArgs } from 'node:util'
import * as z from 'zod'
import { platformNames } from '#shared/platforms/index.ts'
import { faultNames } from './simulators/faults.ts'
import { UserError } from './user-error.ts'

export const help = `social-sync on this machine: database, queue, platforms, ML provider and functions.

  npm start                      run until Ctrl-C
  npm start -- --once            sync every account once, wait for every ML job, exit

  --once            skip idle time; exit 0 when everything is synced
  --json            print the result as one JSON object on the last line
  --fresh           begin with an empty world
  --dataset DIR     serve a recorded dataset instead of the generated world
  --platform NAME   only this platform (${platformNames.join(', ')})
  --at ISO          begin at this time, and serve the dataset as of the clock
  --clock N|real    run the idle world N times faster (600, a new one's first days faster), or not at all
  --port N          port of the HTTP API (8080), or the next free one
  --driver NAME     functions, flow (Redis) or temporal: what drives the work; docs/drivers.md
  --raw-store NAME  postgres or ydb: where raw answers lie; YDB is simulated, or the one that YDB_URL names (docs/ydb.md)
  --state-store NAME  postgres, ydb or redis: where the API counts calls and remembers answers for seconds
  --ml local        pictures and texts are read for real by ml-server/, with Python; the five newest pictures of each account
  --ml-all          with it: all pictures, at half a second each
  --live ACCOUNT    sync a real account, for example youtube:@handle; may be repeated
  --fault NAME      switch a fault on, also while it runs; none switches all off; may be repeated
${faultNames()
  .map(({ name, about }) => `                      ${name.padEnd(16)}${about}`)
  .join('\n')}
  --plain           plain lines in place of the live view
  --help            this text

  DATABASE_URL      use this PostgreSQL (15 or later) instead of the embedded one
  YOUTUBE_API_KEY   a key of the YouTube Data API, for --live youtube:
  INSTAGRAM_ACCESS_TOKEN   for --live instagram: with INSTAGRAM_USER_ID, your own professional account, a token by which
                    others are looked up; without it the token of the account itself
  TIKTOK_ACCESS_TOKEN   with TIKTOK_REFRESH_TOKEN, TIKTOK_CLIENT_KEY and TIKTOK_CLIENT_SECRET, for --live tiktok:
  ML_URL            an ML provider, for --live; without one posts are not annotated
  OTEL_EXPORTER_OTLP_ENDPOINT   send traces, metrics and logs there, see docs/observability.md
  REDIS_URL         use this Redis, for --driver flow
  TEMPORAL_ADDRESS  use this Temporal, for --driver temporal; with TEMPORAL_NAMESPACE
  QUEUE_ENDPOINT    use this SQS-compatible server; with QUEUE_REGION, QUEUE_PROTOCOL (query or json),
                    QUEUE_ACCESS_KEY_ID and QUEUE_SECRET_ACCESS_KEY
`

const Options = z.object({
  once: z.boolean().default(false),
  json: z.boolean().default(false),
  fresh: z.boolean().default(false),
  help: z.boolean().default(false),
  dataset: z.string().min(1).optional(),
  platform: z.enum(platformNames, `give one of ${platformNames.join(', ')}`).optional(),
  at: z.iso
    .datetime({ offset: true, error: 'give a time such as 2026-01-31T12:00:00Z' })
    .transform((text) => new Date(text))
    .optional(),
  clock: z
    .union(
      [z.literal('real').transform(() => 1), z.coerce.number().min(1).max(1_000_000)],
      'give a number from 1, or real',
    )
    .optional(),
  live: z
    .array(
      z
        .string()
        .regex(
          new RegExp(`^(${platformNames.join('|')}):@?[^\\s:]{1,40}$`),
          'give a platform and a handle, such as youtube:@handle',
        ),
    )
    .default([]),
  fault: z
    .array(z.enum(['none', ...faultNames().map(({ name }) => name)], 'no such fault, see --help'))
    .default([]),
  plain: z.boolean().default(false),
  driver: z.enum(['functions', 'flow', 'temporal'], 'give functions, flow or temporal').default('functions'),
  'raw-store': z.enum(['postgres', 'ydb'], 'give postgres or ydb').default('postgres'),
  'state-store': z.enum(['postgres', 'ydb', 'redis'], 'give postgres, ydb or redis').default('postgres'),
  ml: z.enum(['local'], 'give local').optional(),
  'ml-all': z.boolean().default(false),
  port: z.coerce.number().int().min(0).max(65_535, 'give a port').default(8080),
})
export type Options = z.infer<typeof Options>

/** The command line; a UserError names every fault at once. */
export function readOptions(args: readonly string[]): Options {
  const parsed = Options.safeParse(parse(args))
  if (parsed.success) return parsed.data
  throw new UserError(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('; '),
  )
}

function parse(args: readonly string[]): object {
  const flag = { type: 'boolean' } as const
  const value = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: flag,
        json: flag,
        fresh: flag,
        help: flag,
        dataset: value,
        platform: value,
        at: value,
        clock: value,
        port: value,
        live: { ...value, multiple: true },
        fault: { ...value, multiple: true },
        plain: flag,
        driver: value,
        'raw-store': value,
        'state-store': value,
        ml: value,
        'ml-all': flag,
      },
    }).values
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : error} (see npm start -- --help)`)
  }
}
