import * as z from 'zod'
import { JobBody } from '#shared/ml/results.ts'
import { MlKind } from '#shared/model/ml-job.ts'

/** What a provider is sent: the text of a post, or a picture by an address that may redirect. */
const NewJob = z.strictObject({
  type: MlKind.describe('also `text_analysis` for text and `image_recognition` for image'),
  model: z.string().optional().describe('absent: the provider chooses'),
  input: z.strictObject({
    text: z.string().optional(),
    lang: z.string().optional().describe('as the platform says it, for example ru or en-GB'),
    media: z
      .array(z.strictObject({ id: z.string(), kind: z.enum(['image', 'video']), url: z.url() }))
      .optional()
      .describe('follow redirects; 503 with Retry-After means later, 410 that it is gone'),
  }),
  callback: z
    .strictObject({ url: z.url(), events: z.array(z.string()) })
    .optional()
    .describe('where to say, signed, that the job has ended'),
})

export const Taken = z.looseObject({
  job_id: z.string().min(1).describe('at most once for each job, and the same for the same Idempotency-Key'),
  status: z.enum(['pending', 'done']).optional(),
})

const Fraction = z.number().min(0).max(1)
const Found = z.looseObject({ score: Fraction.optional() })
const Box = z.array(Fraction).length(4).describe('left, top, width and height as fractions of the picture')
const Item = z.looseObject({
  media_id: z.string().optional().describe('the id in input.media'),
  status: z.enum(['ok', 'error']),
  error: z.looseObject({ code: z.string(), retryable: z.boolean().optional() }).optional(),
  labels: z.array(Found.extend({ name: z.string().min(1) })).optional(),
  brands: z
    .array(
      Found.extend({ brand: z.string().min(1), evidence: z.string().optional().describe('text or logo') }),
    )
    .optional(),
  texts: z
    .array(Found.extend({ text: z.string().min(1), lang: z.string().nullish(), box: Box.optional() }))
    .optional()
    .describe('what was read, of image_text; empty for none'),
  mentions: z.array(z.string()).optional(),
  sentiment: z.number().min(-1).max(1).nullish(),
  nsfw: Fraction.optional(),
})

export const Job = JobBody.extend({
  status: JobBody.shape.status.describe('two values for ever; further ones go into state'),
  state: JobBody.shape.state.describe(
    'queued, running, succeeded, partial, failed, canceled, expired, or others',
  ),
  model: JobBody.shape.model.describe('the version that answered; results of another stand beside it'),
  result: z.looseObject({ items: z.array(Item).min(1) }).nullish(),
})

export const Batch = z.looseObject({ jobs: z.array(Job), not_found: z.array(z.string()) })
const Ids = z.strictObject({ ids: z.array(z.string()).max(100), view: z.enum(['status', 'full']).optional() })

const schemas = { NewJob, Taken, Job, Batch, Ids }
type Name = keyof typeof schemas

const refTo = (name: Name) => ({
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
})
const refused = { description: 'refused; no job was made' }
const later = { description: 'later, as Retry-After says' }

/** The contract as an OpenAPI document; what minimal providers leave out is said in each summary. */
export const contract = () => ({
  openapi: '3.1.0',
  info: {
    title: 'An ML provider of social-sync',
    version: '1',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, {}],
  paths: {
    '/jobs': {
      post: {
        operationId: 'sendJob',
        summary: 'Takes a job',
        parameters: [
          {
            ...{ name: 'Idempotency-Key', in: 'header', required: true },
            schema: { type: 'string', maxLength: 128 },
          },
          { name: 'traceparent', in: 'header', schema: { type: 'string' } },
        ],
        requestBody: { required: true, ...refTo('NewJob') },
        responses: {
          200: { description: 'a job that was sent before', ...refTo('Taken') },
          202: { description: 'taken; Retry-After says when to ask', ...refTo('Taken') },
          400: refused,
          401: refused,
          422: refused,
          429: later,
          503: later,
        },
      },
    },
    '/jobs/{id}': {
      get: {
        operationId: 'askAboutJob',
        summary: 'How a job stands',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: { description: 'pending or done', ...refTo('Job') },
          404: { description: 'it does not know the job' },
          410: { description: 'its result was thrown away' },
          429: later,
          503: later,
        },
      },
    },
    '/jobs:batchGet': {
      post: {
        operationId: 'askAboutJobs',
        summary: 'How up to a hundred jobs stand; a minimal provider answers 404',
        requestBody: { required: true, ...refTo('Ids') },
        responses: {
          200: { description: 'of each', ...refTo('Batch') },
          404: { description: 'there is no such call' },
        },
      },
    },
  },
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => {
        const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input' })
        return [name, json]
      }),
    ),
  },
})
