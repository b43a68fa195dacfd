import * as z from 'zod'
import { settings } from './settings.ts'

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
  DATABASE_PASSWORD: true,
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
const dataKey = { CREDENTIALS_KEY: true, CREDENTIALS_SEALED_KEY: true, KMS_KEY_ID: true } as const
const extract = {
  ...always,
  ...queue,
  ...dataKey,
  TRANSFORM_QUEUE_URL: true,
  LEASE_SECONDS: true,
  TASK_ATTEMPTS: true,
  LOOK_BACK_DAYS: true,
  FULL_WALK_DAYS: true,
  REFRESH_DAYS: true,
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
/** What plans and expected ends are made of: how much the extract functions may ask, and how far they look back. */
const forecast = {
  LOOK_BACK_DAYS: true,
  YOUTUBE_UNITS_PER_DAY: true,
  YOUTUBE_STATS_CALLS_PER_DAY: true,
  YOUTUBE_CALLS_PER_MINUTE: true,
  INSTAGRAM_APP_CALLS_PER_HOUR: true,
  INSTAGRAM_ACCOUNT_CALLS_PER_HOUR: true,
  TIKTOK_CALLS_PER_MINUTE: true,
  TIKTOK_RESEARCH_CALLS_PER_DAY: true,
  TIKTOK_RESEARCH_SINCE: true,
  ML_JOB_USD: true,
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
    YOUTUBE_STATS_CALLS_PER_DAY: true,
    YOUTUBE_CALLS_PER_MINUTE: true,
  }),
  'extract-instagram': all.pick({
    ...extract,
    EXTRACT_INSTAGRAM_QUEUE_URL: true,
    INSTAGRAM_API_URL: true,
    INSTAGRAM_LOGIN_API_URL: true,
    INSTAGRAM_API_VERSION: true,
    INSTAGRAM_USER_ID: true,
    INSTAGRAM_APP_SECRET: true,
    INSTAGRAM_APP_CALLS_PER_HOUR: true,
    INSTAGRAM_ACCOUNT_CALLS_PER_HOUR: true,
  }),
  'extract-tiktok': all.pick({
    ...extract,
    EXTRACT_TIKTOK_QUEUE_URL: true,
    TIKTOK_API_URL: true,
    TIKTOK_CALLS_PER_MINUTE: true,
    TIKTOK_RESEARCH_CLIENT_KEY: true,
    TIKTOK_RESEARCH_CLIENT_SECRET: true,
    TIKTOK_RESEARCH_CALLS_PER_DAY: true,
    TIKTOK_RESEARCH_SINCE: true,
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
    EXTRACT_INSTAGRAM_QUEUE_URL: true,
    TRANSFORM_QUEUE_URL: true,
    ...dataKey,
    API_KEY: true,
    API_CALLS_PER_MINUTE: true,
    CONSOLE_FOLDER: true,
    TIKTOK_RESEARCH_CLIENT_KEY: true,
    ...forecast,
  }),
  maintain: all.pick({
    RELEASE: true,
    ...always,
    ...dataKey,
    REFRESH_DAYS: true,
    INSTAGRAM_LOGIN_API_URL: true,
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
