import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { BatchInferenceServiceService } from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_service'
import { BatchInferenceTask_Status as TaskStatus } from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_task'
import { DatasetServiceService } from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset_service'
import { TextGenerationBatchServiceService } from '@yandex-cloud/nodejs-sdk/ai-foundation_models-v1/text_generation/text_generation_service'
import { openSimulator, type SimAnswer, type SimRequest } from '../../server.ts'
import { openDatasets } from './datasets.ts'
import { type BatchSimulatorOptions, Refused } from './refused.ts'
import { openRuns } from './runs.ts'

/** A plan to refuse calls, or to lose their answers after they were carried out. */
interface Fault {
  readonly method: string
  times: number
  readonly code: status
  readonly isLost?: boolean
}

/**
 * Batch inference of AI Studio by the services of its SDK, over gRPC without TLS, and the storage that datasets are uploaded to.
 * It recognises no repeats; ten runs may be begun in an hour.
 */
export async function openBatch(options: BatchSimulatorOptions) {
  const faults: Fault[] = []
  const storage = await openSimulator({
    named: {},
    answer: (request): SimAnswer => store(request),
  })
  const datasets = openDatasets({ ...options, url: storage.url })
  const runs = openRuns(options, datasets)
  const store = ({ method, path, headers, body, query }: SimRequest): SimAnswer => {
    if (method !== 'PUT') {
      const file = datasets.files.get(path)
      return file ? { status: 200, body: file } : { status: 404, body: '' }
    }
    // Presigned addresses sign the length, and refuse a second kind of authorization.
    const isSigned = headers['content-length'] === query.get('size') && headers.authorization === undefined
    if (isSigned) datasets.drafts.set(path.slice(1), body)
    return isSigned ? { status: 200, body: '', headers: { etag: '"draft"' } } : { status: 403, body: '' }
  }

  const takeFault = (method: string): Fault | undefined => {
    const fault = faults.find((one) => one.method === method && one.times > 0)
    if (fault) fault.times -= 1
    return fault
  }
  /** Checks the key and carries a call out, unless its refusal is planned; a lost answer comes after its effect. */
  const serve = (method: string, key: unknown, carryOut: () => object): object => {
    const fault = takeFault(method)
    if (key !== `Api-Key ${options.apiKey}`) throw new Refused(status.UNAUTHENTICATED, 'Unknown api key')
    if (fault && !fault.isLost) throw new Refused(fault.code, 'planned')
    const answer = carryOut()
    if (fault) throw new Refused(fault.code, 'planned')
    return answer
  }
  const unary =
    (method: string, carryOut: (request: never) => object) =>
    ({ request, metadata }: ServerUnaryCall<object, object>, done: sendUnaryData<object>): void => {
      try {
        done(
          null,
          serve(method, metadata.get('authorization')[0], () => carryOut(request as never)),
        )
      } catch (error) {
        const refused = error instanceof Refused ? error : new Refused(status.INTERNAL, String(error))
        done({ code: refused.code, details: refused.message })
      }
    }
  const all = (calls: Readonly<Record<string, (request: never) => object>>) =>
    Object.fromEntries(
      Object.entries(calls).map(([name, carryOut]) => [name, unary(name, carryOut)]),
    ) as UntypedServiceImplementation
  const server = new Server()
  server.addService(DatasetServiceService, all(datasets.calls))
  server.addService(TextGenerationBatchServiceService, all(runs.textCalls))
  server.addService(BatchInferenceServiceService, all(runs.taskCalls))
  const port = await bind(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    plan: (fault: Fault) => void faults.push({ ...fault }),
    /** Runs that were begun: each is paid for. */
    begun: () => runs.tasks.size,
    /** Datasets that are there, results included. */
    kept: () => datasets.infos.size,
    completed: () =>
      [...runs.tasks.values()].filter((task) => runs.stateOf(task) === TaskStatus.COMPLETED).length,
    close: async () => {
      server.forceShutdown()
      await storage.close()
    },
  }
}

const bind = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
