import {
  type CallOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { BatchInferenceServiceClient } from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_service'
import { DatasetServiceClient } from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset_service'
import { TextGenerationBatchServiceClient } from '@yandex-cloud/nodejs-sdk/ai-foundation_models-v1/text_generation/text_generation_service'
import { RetryableError, TerminalError } from '../../errors.ts'
import { keyRefused, noAnswer, slowDown } from '../../ml/refusal.ts'
import { within } from '../../within.ts'

export interface Endpoint {
  /** Host and port. */
  readonly endpoint: string
  readonly apiKey: string | undefined
  /** Without TLS, for a server on this machine. */
  readonly isPlain: boolean
}

const callMs = 15_000

type Unary<Request, Answer> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  done: (error: ServiceError | null, answer: Answer) => void,
) => ClientUnaryCall

const never = new AbortController().signal

/** Clients of the services that batch inference takes, and a call of one of them. */
export type Calls = ReturnType<typeof openCalls>

/** The SDK's clients without its session, which knows no API keys and has a log of its own. */
export function openCalls({ endpoint, apiKey, isPlain }: Endpoint) {
  const channel = isPlain ? credentials.createInsecure() : credentials.createSsl()
  // The connection of an instance that was suspended is dead, and nothing else shows it.
  const alive = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5_000 }
  const metadata = new Metadata()
  if (apiKey !== undefined) metadata.set('authorization', `Api-Key ${apiKey}`)
  return {
    datasets: new DatasetServiceClient(endpoint, channel, alive),
    tasks: new BatchInferenceServiceClient(endpoint, channel, alive),
    texts: new TextGenerationBatchServiceClient(endpoint, channel, alive),
    /** One call; rejects with a verdict. */
    call: <Client, Request, Answer>(client: Client, unary: Unary<Request, Answer>, given: Request) =>
      within(
        callMs,
        never,
        (limit) =>
          new Promise<Answer>((done, failed) => {
            const under = unary.call(client, given, metadata, {}, (error, answer) =>
              error ? failed(verdictOn(error)) : done(answer),
            )
            limit.addEventListener('abort', () => under.cancel())
          }),
      ),
  }
}

export class NotFound extends TerminalError {}

function verdictOn({ code, details }: ServiceError): Error {
  const message =
    code === status.CANCELLED
      ? `AI Studio has not answered within ${callMs / 1000} seconds`
      : `AI Studio answered ${status[code]}: ${details}`.slice(0, 300)
  if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) return keyRefused(message)
  if (code === status.RESOURCE_EXHAUSTED) return slowDown(message, 600_000)
  if (code === status.NOT_FOUND) return new NotFound(message, { reason: 'not_found' })
  // Of a call for many: no job alone is to blame.
  if (code === status.INVALID_ARGUMENT) return noAnswer(message, false, 600_000)
  if (code === status.FAILED_PRECONDITION) return new RetryableError(message, { reason: 'busy' })
  return noAnswer(message, code !== status.UNAVAILABLE)
}

/** Waits for a call to something that may be gone by then. */
export async function orGone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof NotFound)) throw error
  }
}

/** Goes through pages of a list until one fits. */
export async function firstOf<Item>(
  page: (token: string) => Promise<{ readonly items: readonly Item[]; readonly next: string }>,
  fits: (item: Item) => boolean,
): Promise<Item | undefined> {
  let token = ''
  do {
    const { items, next } = await page(token)
    const found = items.find(fits)
    if (found) return found
    token = next
  } while (token !== '')
  return undefined
}
