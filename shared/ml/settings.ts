import * as z from 'zod'
import { MlKind } from '../model/ml-job.ts'
import { Address } from '../model/setting.ts'

/** What every provider has, whatever its type. */
const common = {
  /** Jobs are its by this name: it stays while jobs are open. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and hyphens'),
  /** The model for each kind of job it does. */
  models: z
    .partialRecord(MlKind, z.string().min(1))
    .refine((models) => Object.keys(models).length > 0, 'name a kind of job'),
  submits_per_minute: z.number().int().positive().default(600),
  asks_per_minute: z.number().int().positive().default(600),
  /** A job is given up after so long. */
  deadline_hours: z.number().positive().default(168),
  /** How long the provider keeps a result; absent: longer than the deadline by more than a day. */
  retention_hours: z.number().min(48, 'at least 48: a job is given up a day before').optional(),
  /** A job fails when it was sent so often. */
  attempts: z.number().int().positive().default(8),
  /** Price of a job in US dollars. */
  usd: z.number().nonnegative().optional(),
  /** What may be sent in a day (UTC): jobs, and what they cost by `usd`. */
  jobs_a_day: z.number().int().positive().optional(),
  usd_a_day: z.number().positive().optional(),
}

const Url = Address.transform((url) => url.replace(/\/+$/, ''))

/** The contract in docs/ml-provider.md. */
const Http = z.strictObject({
  type: z.literal('http'),
  /** Absent: ML_URL. */
  url: Url.optional(),
  /** Whether the provider gives the same job for the same key; a minimal one may not. */
  idempotent: z.boolean().default(true),
  ...common,
})

const Folder = z.string().regex(/^[\w-]{1,50}$/, 'the id of a folder')

const aiStudio = 'https://ai.api.cloud.yandex.net/v1'

/** A language model behind chat completions (AI Studio, chat completions), of AI Studio or of another server. */
const Chat = z.strictObject({
  type: z.literal('chat'),
  url: Url.default(aiStudio),
  /** In which models of AI Studio are called by their short names. */
  folder: Folder.optional(),
  ...common,
  // AI Studio generates ten answers at once.
  submits_per_minute: common.submits_per_minute.default(60),
})

/** Yandex Vision OCR, asynchronous; results are kept for three days. */
const Ocr = z.strictObject({
  type: z.literal('vision-ocr'),
  url: Url.default('https://ocr.api.cloud.yandex.net'),
  operations_url: Url.default('https://operation.api.cloud.yandex.net'),
  folder: Folder.optional(),
  languages: z.array(z.string().min(1)).min(1).default(['*']),
  ...common,
  models: common.models.refine(
    (models) => Object.keys(models).every((kind) => kind === 'image_text'),
    'it does image_text alone',
  ),
  // Five recognitions a second (Vision OCR).
  submits_per_minute: common.submits_per_minute.default(240),
  retention_hours: z.number().min(48).default(72),
})

/** Batch inference of AI Studio (AI Studio, batch inference). */
const Batch = z.strictObject({
  type: z.literal('ai-studio-batch'),
  /** Host and port; `http://` before one of this machine: without TLS. */
  endpoint: z
    .string()
    .regex(
      /^([\w.-]+:\d{1,5}|http:\/\/(127\.0\.0\.1|localhost):\d{1,5})$/,
      'host:port, or http://127.0.0.1:port without TLS',
    )
    .default('llm.api.cloud.yandex.net:443'),
  folder: Folder,
  /** Jobs of a run at most, and at least unless one has waited so many hours: a run has a least price. */
  run_jobs: z.number().int().positive().max(2_000).default(500),
  run_least: z.number().int().positive().default(200),
  run_hours: z.number().nonnegative().default(6),
  ...common,
  // Whole runs are sent in a minute.
  submits_per_minute: common.submits_per_minute.default(2_000),
})

const Typed = z.preprocess(
  (given) => (typeof given === 'object' && given !== null ? { type: 'http', ...given } : given),
  z.discriminatedUnion('type', [Http, Chat, Ocr, Batch]),
)

/** Models of AI Studio have short names only within a folder. */
const isNamed = (one: z.output<typeof Typed>) =>
  one.type !== 'chat' ||
  one.url !== aiStudio ||
  one.folder !== undefined ||
  Object.values(one.models).every((model) => model.includes('://'))

export const ProviderSetting = Typed.refine(isNamed, {
  path: ['folder'],
  message: 'AI Studio needs the folder, or models named whole',
})
  .refine((one) => one.type !== 'ai-studio-batch' || one.run_jobs <= one.submits_per_minute, {
    path: ['run_jobs'],
    message: 'more than submits_per_minute',
  })
  .refine(
    ({ usd, usd_a_day }) => usd_a_day === undefined || (usd !== undefined && usd > 0 && usd <= usd_a_day),
    'usd_a_day needs usd, the price of a job, and must pay for one',
  )
export type ProviderSetting = z.infer<typeof ProviderSetting>

/** Providers by their settings; each kind of job is done by one of them. */
export const ProviderSettings = z.array(ProviderSetting).superRefine((providers, context) => {
  const names = new Set<string>()
  const served = new Map<string, string>()
  providers.forEach(({ name, models }, place) => {
    if (names.has(name))
      context.addIssue({ code: 'custom', path: [place, 'name'], message: 'is there twice' })
    names.add(name)
    for (const kind of Object.keys(models)) {
      const other = served.get(kind)
      if (other !== undefined)
        context.addIssue({
          code: 'custom',
          path: [place, 'models', kind],
          message: `${other} does these already`,
        })
      served.set(kind, name)
    }
  })
})

/** A job is given up a day before its result would be thrown away; results are not waited for beyond that. */
export const deadlineMs = ({
  deadline_hours,
  retention_hours,
}: Pick<ProviderSetting, 'deadline_hours' | 'retention_hours'>): number =>
  Math.min(deadline_hours, (retention_hours ?? Number.POSITIVE_INFINITY) - 24) * 3_600_000

/** Jobs that may be sent in a day by both limits. undefined: any number. */
export function jobsADay({
  jobs_a_day,
  usd_a_day,
  usd,
}: Pick<ProviderSetting, 'jobs_a_day' | 'usd_a_day' | 'usd'>): number | undefined {
  const byMoney = usd_a_day !== undefined && usd ? Math.floor(usd_a_day / usd) : Number.POSITIVE_INFINITY
  const most = Math.min(jobs_a_day ?? Number.POSITIVE_INFINITY, byMoney)
  return Number.isFinite(most) ? most : undefined
}
