import * as z from 'zod'
import { isSecret } from '../model/setting.ts'
import { settings } from './settings.ts'

const telemetry = {
  OTEL_EXPORTER_OTLP_ENDPOINT: true,
  OTEL_EXPORTER_OTLP_HEADERS: true,
  OTEL_EXPORTER_OTLP_PROTOCOL: true,
  OTEL_TRACES_EXPORTER: true,
  OTEL_METRICS_EXPORTER: true,
  OTEL_LOGS_EXPORTER: true,
  OTEL_RESOURCE_ATTRIBUTES: true,
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
const rings = {
  TRANSFORM_QUEUE_URL: true,
  QUEUE_ENDPOINT: true,
  QUEUE_REGION: true,
  QUEUE_PROTOCOL: true,
  QUEUE_ACCESS_KEY_ID: true,
  QUEUE_SECRET_ACCESS_KEY: true,
} as const
const bodies = { RAW_STORE: true, YDB_URL: true } as const
const dataKey = { CREDENTIALS_KEY: true, CREDENTIALS_SEALED_KEY: true, KMS_KEY_ID: true } as const
const ml = {
  ML_URL: true,
  ML_API_KEY: true,
  ML_PROVIDERS: true,
  ML_KEYS: true,
  ML_CALLBACK_KEYS: true,
} as const
const media = { MEDIA_MODE: true, MEDIA_URL: true, MEDIA_KEY: true, MEDIA_CDN_URL: true } as const
const bucket = {
  MEDIA_MODE: true,
  MEDIA_BUCKET: true,
  MEDIA_BUCKET_URL: true,
  MEDIA_BUCKET_REGION: true,
  MEDIA_BUCKET_KEY_ID: true,
  MEDIA_BUCKET_SECRET: true,
  MEDIA_SAME: true,
} as const
const alerts = {
  SMTP_URL: true,
  MAIL_FROM: true,
  TELEGRAM_BOT_TOKEN: true,
  TELEGRAM_URL: true,
  WEBHOOKS_TO: true,
  MEDIA_URL: true,
} as const
const all = z.object(settings)

/** What the runs of each stage read from the environment, beside what is of platforms. */
export const stageSettings = {
  extract: all.pick({
    ...always,
    ...dataKey,
    ...bodies,
    LEASE_SECONDS: true,
    TASK_ATTEMPTS: true,
    LOOK_BACK_DAYS: true,
    FULL_WALK_DAYS: true,
    REFRESH_DAYS: true,
  }),
  transform: all.pick({
    ...always,
    ...ml,
    ...media,
    ...bucket,
    ...bodies,
    ML_RULES: true,
    PAGE_ATTEMPTS: true,
  }),
  poll: all.pick({ ...always, ...ml, ...media, ...bucket }),
  sync: all.pick({
    ...always,
    ...dataKey,
    ...bodies,
    ...alerts,
    API_KEY: true,
    API_CALLS_PER_MINUTE: true,
    CONSOLE_FOLDER: true,
    AGENCY_NAME: true,
    LOOK_BACK_DAYS: true,
    ML_JOB_USD: true,
    TRACE_URL: true,
    STATE_STORE: true,
    STATE_REDIS_URL: true,
    ML_URL: true,
    ML_PROVIDERS: true,
    ML_RULES: true,
    MEDIA_KEY: true,
    MEDIA_CDN_URL: true,
    ML_CALLBACK_KEYS: true,
  }),
  maintain: all.pick({
    ...always,
    ...dataKey,
    ...bodies,
    ...bucket,
    ...alerts,
    RELEASE: true,
    REFRESH_DAYS: true,
    REPORT_TIME_ZONE: true,
  }),
  migrate: all.pick(always),
}

const ringing = all.pick(rings).shape

/** The same for functions, which send rings. */
export const functionSettings = {
  extract: stageSettings.extract.extend(ringing),
  transform: stageSettings.transform.extend(ringing),
  poll: stageSettings.poll.extend(ringing),
  sync: stageSettings.sync.extend(ringing),
}

export type StageConfig<Stage extends keyof typeof stageSettings> = z.output<(typeof stageSettings)[Stage]>
export type Environment = Readonly<Record<string, string | undefined>>

/** Settings of a stage and, beside them, some of platforms, at which only their definitions look. */
export const withSettings = <Schema extends z.ZodObject>(
  schema: Schema,
  ...others: readonly Readonly<Record<string, z.ZodType>>[]
): Schema => schema.extend(Object.assign({}, ...others)) as unknown as Schema

const queueSetting = (platform: string) => `EXTRACT_${platform.toUpperCase()}_QUEUE_URL`
const QueueUrl = z.string().min(1)

/** Where rings for the extract function of a platform go; queue URLs are the server's own business (Message Queue). */
export const extractQueue = (platform: string) => ({ [queueSetting(platform)]: QueueUrl })
export const extractQueueUrl = (config: object, platform: string): string =>
  QueueUrl.parse((config as Record<string, unknown>)[queueSetting(platform)])

/** Reads the settings of a function; an Error names every fault at once, values never. */
export function readConfig<Settings extends z.ZodObject>(
  name: string,
  schema: Settings,
  env: Environment = process.env,
): z.output<Settings> {
  const parsed = schema.safeParse(env)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw new Error(`invalid settings for ${name}:\n${faults.join('\n')}`)
}

/** Where a process exports to; also for one that is no function. */
export const telemetrySettings = (env: Environment) => all.pick(telemetry).parse(env)

/** Names of the settings whose values must never be written anywhere. */
export const secretNames = (schema: z.ZodObject): string[] =>
  Object.entries(schema.shape).flatMap(([name, setting]) => (isSecret(setting) ? [name] : []))
