import * as z from 'zod'

/** Every setting, read once; a function names those it needs. Secrets come from Lockbox as variables too. */
const settings = {
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Where traces and metrics go, by OTLP over HTTP; absent: nowhere. Headers are read by the exporter itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  /** Share of syncs that are traced. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** PEM of the authority of a managed database, or a path to it; absent: a local server without TLS. */
  DATABASE_CA: z.string().optional(),
  DATABASE_POOL: z.coerce.number().int().min(1).max(10).default(2),

  QUEUE_ENDPOINT: z.url().default('https://message-queue.api.cloud.yandex.net'),
  QUEUE_REGION: z.string().default('ru-central1'),
  QUEUE_PROTOCOL: z.enum(['query', 'json']).default('query'),
  QUEUE_ACCESS_KEY_ID: z.string().min(1),
  QUEUE_SECRET_ACCESS_KEY: z.string().min(1),
  /** Queue URLs are the server's own business (yandex-cloud 4): not every server's can be parsed. */
  TRANSFORM_QUEUE_URL: z.string().min(1),
  EXTRACT_YOUTUBE_QUEUE_URL: z.string().min(1),
  EXTRACT_TIKTOK_QUEUE_URL: z.string().min(1),

  YOUTUBE_API_KEY: z.string().min(1),
  YOUTUBE_API_URL: z.url().default('https://www.googleapis.com/youtube/v3'),
  YOUTUBE_UNITS_PER_DAY: z.coerce.number().int().positive().default(10_000),
  YOUTUBE_CALLS_PER_MINUTE: z.coerce.number().int().positive().default(3_000),

  TIKTOK_API_URL: z.url().default('https://open.tiktokapis.com'),
  /** Calls of each endpoint in any minute. */
  TIKTOK_CALLS_PER_MINUTE: z.coerce.number().int().min(2).default(600),
  /** The app that owners granted access to; its tokens are refreshed by maintain. */
  TIKTOK_CLIENT_KEY: z.string().min(1).optional(),
  TIKTOK_CLIENT_SECRET: z.string().min(1).optional(),

  /** 32 bytes in base64: the data key that OAuth tokens are sealed with; absent: no account is read by a token. */
  CREDENTIALS_KEY: z
    .base64()
    .refine((text) => Buffer.from(text, 'base64').length === 32, 'give 32 bytes in base64')
    .optional(),

  /** The ML provider; absent: no post read meanwhile is annotated, and jobs that are open wait for one. */
  ML_URL: z.url().optional(),
  ML_API_KEY: z.string().optional(),
  /** Whether the provider gives the same job for the same key; a minimal one may not. */
  ML_IDEMPOTENT: z.stringbool().default(true),
  ML_TEXT_MODEL: z.string().default('text-v1'),
  ML_IMAGE_MODEL: z.string().default('image-v1'),
  ML_SUBMITS_PER_MINUTE: z.coerce.number().int().positive().default(600),
  ML_ASKS_PER_MINUTE: z.coerce.number().int().positive().default(600),
  ML_DEADLINE_HOURS: z.coerce
    .number()
    .positive()
    .default(7 * 24),
  /** How long the provider keeps a result; absent: longer than the deadline by more than a day. */
  ML_RETENTION_HOURS: z.coerce.number().min(48, 'at least 48: a job is given up a day before').optional(),
  ML_SUBMIT_ATTEMPTS: z.coerce.number().int().positive().default(8),

  LEASE_SECONDS: z.coerce.number().int().positive().default(90),
  PAGE_ATTEMPTS: z.coerce.number().int().positive().default(5),
  TASK_ATTEMPTS: z.coerce.number().int().positive().default(8),
  LOOK_BACK_DAYS: z.coerce.number().positive().default(7),

  /** At least 32 characters, so that it cannot be guessed. */
  API_KEY: z.string().min(32),
} as const

const telemetry = {
  OTEL_EXPORTER_OTLP_ENDPOINT: true,
  OTEL_EXPORTER_OTLP_HEADERS: true,
  OTEL_EXPORTER_OTLP_PROTOCOL: true,
  OTEL_TRACES_SAMPLER_ARG: true,
} as const
const always = {
  ...telemetry,
  LOG_LEVEL: true,
  DATABASE_URL: true,
  DATABASE_CA: true,
  DATABASE_POOL: true,
} as const
const queue = {
  QUEUE_ENDPOINT: true,
  QUEUE_REGION: true,
  QUEUE_PROTOCOL: true,
  QUEUE_ACCESS_KEY_ID: true,
  QUEUE_SECRET_ACCESS_KEY: true,
} as const
const extract = {
  ...always,
  ...queue,
  TRANSFORM_QUEUE_URL: true,
  CREDENTIALS_KEY: true,
  LEASE_SECONDS: true,
  TASK_ATTEMPTS: true,
  LOOK_BACK_DAYS: true,
} as const
const ml = {
  ML_URL: true,
  ML_API_KEY: true,
  ML_IDEMPOTENT: true,
  ML_SUBMITS_PER_MINUTE: true,
  ML_ASKS_PER_MINUTE: true,
  ML_DEADLINE_HOURS: true,
  ML_RETENTION_HOURS: true,
  ML_SUBMIT_ATTEMPTS: true,
} as const
const all = z.object(settings)

/** What each function reads from its environment. */
const schemas = {
  'extract-youtube': all.pick({
    ...extract,
    EXTRACT_YOUTUBE_QUEUE_URL: true,
    YOUTUBE_API_KEY: true,
    YOUTUBE_API_URL: true,
    YOUTUBE_UNITS_PER_DAY: true,
    YOUTUBE_CALLS_PER_MINUTE: true,
  }),
  'extract-tiktok': all.pick({
    ...extract,
    EXTRACT_TIKTOK_QUEUE_URL: true,
    TIKTOK_API_URL: true,
    TIKTOK_CALLS_PER_MINUTE: true,
  }),
  transform: all.pick({
    ...always,
    ...queue,
    ...ml,
    TRANSFORM_QUEUE_URL: true,
    ML_TEXT_MODEL: true,
    ML_IMAGE_MODEL: true,
    PAGE_ATTEMPTS: true,
  }),
  poll: all.pick({ ...always, ...queue, ...ml, TRANSFORM_QUEUE_URL: true }),
  sync: all.pick({
    ...always,
    ...queue,
    EXTRACT_YOUTUBE_QUEUE_URL: true,
    EXTRACT_TIKTOK_QUEUE_URL: true,
    API_KEY: true,
  }),
  maintain: all.pick({
    ...always,
    CREDENTIALS_KEY: true,
    TIKTOK_API_URL: true,
    TIKTOK_CLIENT_KEY: true,
    TIKTOK_CLIENT_SECRET: true,
  }),
} as const

export type SettingName = keyof typeof settings
export type FunctionName = keyof typeof schemas
export type Config<Name extends FunctionName> = z.infer<(typeof schemas)[Name]>
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the settings of a function; an Error names every fault at once, values never. */
export function readConfig<Name extends FunctionName>(
  name: Name,
  env: Environment = process.env,
): Config<Name> {
  const parsed = schemas[name].safeParse(env)
  if (parsed.success) return parsed.data as Config<Name>
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw new Error(`the settings of ${name} are not right:\n${faults.join('\n')}`)
}

/** Where a process exports to; also for one that is no function. */
export const telemetrySettings = (env: Environment) => all.pick(telemetry).parse(env)

/** Names of the settings a function reads; serverless.yml must give those without a default. */
export function settingNames(name: FunctionName): string[] {
  return Object.keys(schemas[name].shape)
}
