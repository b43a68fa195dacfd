import {
  DeleteBatchInferenceRequest,
  ListBatchInferencesRequest,
} from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_service'
import {
  type BatchInferenceTask,
  BatchInferenceTask_Status as TaskStatus,
} from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_task'
import { BatchCompletionRequest } from '@yandex-cloud/nodejs-sdk/ai-foundation_models-v1/text_generation/text_generation_service'
import { oneLine } from '../errors.ts'
import type { Fetch } from '../http/request.ts'
import type { BatchService, Run } from '../ml/batch/service.ts'
import { type Calls, type Endpoint, firstOf, openCalls, orGone } from './batch-inference/calls.ts'
import { datasetCalls } from './batch-inference/datasets.ts'

export interface BatchInferenceOptions extends Endpoint {
  readonly fetch: Fetch
  readonly folder: string
  /** What marks datasets as those of this installation. */
  readonly owner: string
}

const mostTokens = 1_000

/** Batch inference of Yandex AI Studio over gRPC (role ai.editor). Throws verdicts; no key is part of them. */
export function openBatchInference(options: BatchInferenceOptions): BatchService {
  const { folder } = options
  const calls = openCalls(options)
  const { removeDataset, ...datasets } = datasetCalls(calls, options)
  const runs = runCalls(calls, folder)
  return {
    ...datasets,
    runOf: async (datasetId) => {
      const task = await runs.taskOf(datasetId)
      return task && runFrom(task)
    },
    begin: runs.begin,
    remove: async (datasetId) => {
      const task = await runs.taskOf(datasetId)
      if (task?.resultDatasetId) await removeDataset(task.resultDatasetId)
      await removeDataset(datasetId)
      if (task) await runs.remove(task.taskId)
    },
  }
}

const runCalls = ({ tasks, texts, call }: Calls, folder: string) => ({
  /** The run over a dataset, if one was begun. */
  taskOf: (datasetId: string): Promise<BatchInferenceTask | undefined> =>
    firstOf(
      async (pageToken) => {
        const asked = ListBatchInferencesRequest.fromPartial({ folderId: folder, pageSize: 100, pageToken })
        const page = await call(tasks, tasks.list, asked)
        return { items: page.tasks, next: page.nextPageToken }
      },
      ({ sourceDatasetId }) => sourceDatasetId === datasetId,
    ),
  begin: async (sourceDatasetId: string, model: string) => {
    const modelUri = model.includes('://') ? model : `gpt://${folder}/${model}`
    const completionOptions = { stream: false, temperature: 0, maxTokens: mostTokens }
    const asked = BatchCompletionRequest.fromPartial({ modelUri, sourceDatasetId, completionOptions })
    await call(texts, texts.completion, asked)
  },
  remove: (taskId: string) =>
    orGone(call(tasks, tasks.delete, DeleteBatchInferenceRequest.fromPartial({ taskId }))),
})

/** `errors.status` stands there on success too, with the code 0. */
function runFrom({ status: state, resultDatasetId: resultId, errors }: BatchInferenceTask): Run {
  const lines = errors?.lineErrors.map(({ message }) => message) ?? []
  const trouble = oneLine(((errors?.status?.code ? errors.status.message : lines[0]) ?? '').slice(0, 300))
  if (state === TaskStatus.COMPLETED) return { state: 'completed', resultId, trouble }
  const isOver = state === TaskStatus.FAILED || state === TaskStatus.CANCELED
  return { state: isOver ? 'failed' : 'under way', resultId, trouble: trouble || TaskStatus[state] || '' }
}
