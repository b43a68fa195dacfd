import * as z from 'zod'
import { PlanRule } from '../ml/rules.ts'
import { ProviderSettings } from '../ml/settings.ts'
import { Address, fromJson, OptionalSecret, Secret, secret } from '../model/setting.ts'

/** Whether it is a name of a time zone, as `Europe/Kyiv`; an offset is none. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format() !== ''
  } catch {
    return false
  }
}

/**
 * Every setting that is of no platform; those of a platform stand in its folder. Secrets come from Lockbox as variables
 * too. config.ts says which function reads which.
 */
export const settings = {
  /** Which deployment this is, as terraform names it; maintain answers with it. */
  RELEASE: z.string().optional(),

  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Where traces, metrics and logs go, by OTLP over HTTP; absent: nowhere. Headers are read by the exporter itself. */
  OTEL_EXPORTER_OTLP_ENDPOINT: Address.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: secret(z.string().optional()),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_METRICS_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_LOGS_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  /** Further attributes of all that is exported: `name=value,…`. Read by the SDK itself. */
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
  /** Share of syncs that are traced. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),

  DATABASE_URL: secret(z.url({ protocol: /^postgres(ql)?$/ })),
  /** In place of one in DATABASE_URL, which is no secret then. */
  DATABASE_PASSWORD: OptionalSecret,
  /** PEM of the authority of a managed database, or a path to it; absent: a local server without TLS. */
  DATABASE_CA: z.string().optional(),
  DATABASE_POOL: z.coerce.number().int().min(1).max(10).default(2),

  /** Where raw answers go: beside their lines in PostgreSQL, or to a table of YDB, which is cheaper (docs/ydb.md). */
  RAW_STORE: z.enum(['postgres', 'ydb']).default('postgres'),
  /** grpcs://host:port/path/of/the/database, used by the service account of the function or machine. Read from also when RAW_STORE is `postgres` again. */
  YDB_URL: z.url({ protocol: /^grpcs?$/ }).optional(),

  /** Where the API counts calls and remembers answers for seconds: the other two keep a flood of calls from the database. */
  STATE_STORE: z.enum(['postgres', 'ydb', 'redis']).default('postgres'),
  /** redis://… or rediss://…, with the password if there is one. */
  STATE_REDIS_URL: secret(z.url({ protocol: /^rediss?$/ }).optional()),

  QUEUE_ENDPOINT: Address.default('https://message-queue.api.cloud.yandex.net'),
  QUEUE_REGION: z.string().default('ru-central1'),
  QUEUE_PROTOCOL: z.enum(['query', 'json']).default('query'),
  QUEUE_ACCESS_KEY_ID: z.string().min(1),
  QUEUE_SECRET_ACCESS_KEY: Secret,
  /** Queue URLs are the server's own business (Message Queue): not every server's can be parsed. */
  TRANSFORM_QUEUE_URL: z.string().min(1),

  /** 32 bytes in base64: the data key that OAuth tokens are sealed with; absent: no account is read by a token. */
  CREDENTIALS_KEY: secret(
    z
      .base64()
      .refine((text) => Buffer.from(text, 'base64').length === 32, 'give 32 bytes in base64')
      .optional(),
  ),

  /** In place of that: the same key in base64 as it was encrypted with a key of Yandex KMS. */
  CREDENTIALS_SEALED_KEY: z.base64().min(1).optional(),
  KMS_KEY_ID: z.string().min(1).optional(),

  /**
   * The ML provider called `ml`, which does texts and pictures; with no provider at all no post read meanwhile is annotated, and
   * jobs that are open wait for one.
   */
  ML_URL: Address.optional(),
  ML_API_KEY: OptionalSecret,
  /** Further providers as JSON (docs/ml.md), or `ml` with other settings. */
  ML_PROVIDERS: fromJson(ProviderSettings).prefault('[]'),
  /** Keys of providers by their names, as JSON. */
  ML_KEYS: secret(fromJson(z.record(z.string(), Secret)).prefault('{}')),
  /** Keys by which providers sign callbacks, by their names, as JSON; who has one is given an address to call. */
  ML_CALLBACK_KEYS: secret(fromJson(z.record(z.string(), Secret)).prefault('{}')),
  /** Which contents get jobs of some kinds, as JSON (docs/ml.md); absent: all. */
  ML_RULES: fromJson(z.array(PlanRule)).prefault('[]'),

  /**
   * resolver: ML providers are given addresses of ours, which lead to links that work when they come; copy: copies in a bucket, as
   * far as the platform allows; passthrough: the platforms' own links, of pictures whose links last.
   */
  MEDIA_MODE: z.enum(['resolver', 'copy', 'passthrough']).default('resolver'),
  /** Where copies are kept, by the S3 API; for MEDIA_MODE=copy. */
  MEDIA_BUCKET: z.string().min(3).max(63).optional(),
  MEDIA_BUCKET_URL: Address.default('https://storage.yandexcloud.net'),
  MEDIA_BUCKET_REGION: z.string().default('ru-central1'),
  MEDIA_BUCKET_KEY_ID: z.string().min(1).optional(),
  MEDIA_BUCKET_SECRET: OptionalSecret,
  /**
   * With copies: pictures with the same bytes are looked at once; looks: labels, logos and safety are also taken over between pictures
   * that look the same, while text is read in each.
   */
  MEDIA_SAME: z.enum(['bytes', 'looks']).default('bytes'),
  /**
   * Where the function sync is reached over HTTPS: ML providers are led there, and owners who grant access. Absent: as with
   * passthrough, and owners are led to where the link was made.
   */
  MEDIA_URL: Address.optional(),
  /** Signs addresses of pictures; at least 32 characters. */
  MEDIA_KEY: secret(z.string().min(32).optional()),
  /** In place of the platforms' own hosts of pictures, for a simulated world. */
  MEDIA_CDN_URL: Address.optional(),

  /** The provider's price of a job, in US dollars, for plans; absent: they have no cost of ML. */
  ML_JOB_USD: z.coerce.number().nonnegative().optional(),
  /** Where the console links to the trace of a sync: an address with `{trace_id}` in it (docs/observability.md). */
  TRACE_URL: z
    .url({ protocol: /^https?$/ })
    .refine((text) => text.includes('{trace_id}'), 'put {trace_id} where the id of the trace goes')
    .optional(),

  LEASE_SECONDS: z.coerce.number().int().positive().default(90),
  PAGE_ATTEMPTS: z.coerce.number().int().positive().default(5),
  TASK_ATTEMPTS: z.coerce.number().int().positive().default(8),
  LOOK_BACK_DAYS: z.coerce.number().positive().default(7),
  /**
   * Every account is walked whole so often; platforms want data renewed or deleted within 30 days (YouTube Data API, as
   * recorded).
   */
  FULL_WALK_DAYS: z.coerce.number().min(4).max(30).default(30),
  /** Numbers of posts younger than that are refreshed, the younger the sooner; 0: none are. */
  REFRESH_DAYS: z.coerce.number().int().min(0).max(180).default(180),

  /** In which a day of numbers by day begins, as `Europe/Moscow`. Another one than before counts all history once more. */
  REPORT_TIME_ZONE: z.string().refine(isTimeZone, 'give a time zone, as Europe/Moscow').default('UTC'),

  /** Where alerts go by e-mail: smtps://user:password@host:465, or smtp:// with STARTTLS; absent: nowhere. */
  SMTP_URL: secret(z.url({ protocol: /^smtps?$/ }).optional()),
  /** Whom e-mails are from, as `social-sync <alerts@example.com>`. */
  MAIL_FROM: z.string().trim().min(3).max(300).optional(),
  /** The token of a bot of Telegram, as BotFather gives it; absent: alerts go to no chat. */
  TELEGRAM_BOT_TOKEN: secret(
    z
      .string()
      .regex(/^\d+:[\w-]{20,}$/, 'give the token as BotFather does')
      .optional(),
  ),
  TELEGRAM_URL: Address.default('https://api.telegram.org'),
  /** Where webhooks may be: at public addresses alone, or also in private networks, as where receivers are in yours. */
  WEBHOOKS_TO: z.enum(['public', 'any']).default('public'),

  /** Who asks owners for access, as they know it: stands on the pages that they are shown. */
  AGENCY_NAME: z.string().trim().min(1).max(100).default('social-sync'),
  /** Where the built console lies; absent: beside the function. */
  CONSOLE_FOLDER: z.string().min(1).optional(),
  /** Calls of the HTTP API in a minute, of each key. */
  API_CALLS_PER_MINUTE: z.coerce.number().int().positive().default(600),
  /** At least 32 characters, so that it cannot be guessed. */
  API_KEY: secret(z.string().min(32)),
} as const
