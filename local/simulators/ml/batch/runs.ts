import { status } from '@grpc/grpc-js'
import {
  BatchInferenceTask,
  BatchInferenceTask_Status as TaskStatus,
} from '@yandex-cloud/nodejs-sdk/ai-batch_inference-v1/batch_inference_task'
import { DatasetInfo_Status as DatasetStatus } from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset'
import {
  BatchCompletionMetadata,
  type BatchCompletionRequest,
} from '@yandex-cloud/nodejs-sdk/ai-foundation_models-v1/text_generation/text_generation_service'
import { Operation } from '@yandex-cloud/nodejs-sdk/operation/operation'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { sayOf } from '../language-model.ts'
import type { Datasets } from './datasets.ts'
import { type BatchSimulatorOptions, Refused } from './refused.ts'

/** Runs that may be begun in an hour. */
const mostAnHour = 10
const hourMs = 3_600_000

interface Task {
  readonly info: BatchInferenceTask
  readonly begunAt: number
}

interface Part {
  readonly type?: string
  readonly text?: string
  readonly image?: string
  readonly content?: readonly Part[]
}

/** Runs over datasets: queued, under way, and then their results are a Parquet file of requests and responses. */
export function openRuns(
  { now, runMs = 260_000, failing = () => false }: BatchSimulatorOptions,
  datasets: Datasets,
) {
  const tasks = new Map<string, Task>()
  const stateOf = ({ begunAt }: Task): TaskStatus => {
    const age = now().getTime() - begunAt
    if (age >= runMs) return TaskStatus.COMPLETED
    return age >= runMs / 4 ? TaskStatus.IN_PROGRESS : TaskStatus.PENDING
  }
  const begin = ({ modelUri, sourceDatasetId = '' }: BatchCompletionRequest): Operation => {
    if (datasets.find(sourceDatasetId).status !== DatasetStatus.READY)
      throw new Refused(status.FAILED_PRECONDITION, 'the dataset is not ready')
    const time = now().getTime()
    if ([...tasks.values()].filter(({ begunAt }) => time - begunAt < hourMs).length >= mostAnHour)
      throw new Refused(status.RESOURCE_EXHAUSTED, 'batch runs: limit of an hour is reached')
    const taskId = `fbi${String(tasks.size + 1).padStart(8, '0')}`
    const labels = {
      foundation_models_batch_task_id: taskId,
      foundation_models_source_dataset: sourceDatasetId,
    }
    const name = `Batch inference ${taskId} result`
    const { datasetId } = datasets.add({
      name,
      labels,
      taskType: 'TextToTextGeneration',
      status: DatasetStatus.READY,
    })
    datasets.files.set(`/results/${datasetId}`, resultOf(datasets.linesOf(sourceDatasetId), failing))
    const known = { taskId, modelUri, sourceDatasetId, resultDatasetId: datasetId, createdAt: now() }
    tasks.set(taskId, { info: BatchInferenceTask.fromPartial(known), begunAt: time })
    const metadata = BatchCompletionMetadata.encode(BatchCompletionMetadata.fromPartial({ taskId })).finish()
    const typeUrl = 'type.googleapis.com/yandex.cloud.ai.foundation_models.v1.BatchCompletionMetadata'
    return Operation.fromPartial({
      id: taskId,
      done: false,
      metadata: { typeUrl, value: Buffer.from(metadata) },
    })
  }
  /** `errors.status` is there on success too. */
  const view = (task: Task) => ({
    ...task.info,
    status: stateOf(task),
    errors: { status: { code: 0, message: '', details: [] }, lineErrors: [], batchErrors: [] },
  })
  const find = (taskId: string): Task => {
    const task = tasks.get(taskId)
    if (!task) throw new Refused(status.NOT_FOUND, `Task ${taskId} not found`)
    return task
  }
  return {
    tasks,
    stateOf,
    textCalls: { completion: begin },
    taskCalls: {
      describe: ({ taskId }: { taskId: string }) => ({ task: view(find(taskId)) }),
      list: () => ({ tasks: [...tasks.values()].map(view), nextPageToken: '' }),
      cancel: ({ taskId }: { taskId: string }) => ({ taskId: find(taskId).info.taskId }),
      delete: ({ taskId }: { taskId: string }) => {
        tasks.delete(find(taskId).info.taskId)
        return { taskId }
      },
    },
  }
}

type SchemaElement = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number]
const text = (name: string): SchemaElement => ({
  ...{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
})
const list = (name: string, num_children: number): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', repetition_type: 'OPTIONAL', num_children },
]
const root: SchemaElement = { name: 'root', num_children: 2 }
/** As files of AI Studio have it; that of pictures is as their requests are documented. */
const ofTexts = [root, ...list('request', 2), text('role'), text('text'), text('response')]
const ofPictures = [
  ...[root, ...list('request', 2), text('role')],
  ...[...list('content', 3), text('type'), text('text'), text('image'), text('response')],
]

/** Lines come back in another order, and those that failed are missing. */
function resultOf(lines: readonly string[], failing: (line: number) => boolean): Buffer {
  const rows = lines
    .flatMap((line, place) => {
      const { request } = JSON.parse(line) as { request: readonly Part[] }
      return failing(place) ? [] : [{ request, response: answerTo(request) }]
    })
    .reverse()
  return Buffer.from(
    parquetWriteBuffer({
      schema: rows.some(({ request }) => request.some(({ content }) => content)) ? ofPictures : ofTexts,
      columnData: [
        { name: 'request', data: rows.map(({ request }) => request) },
        { name: 'response', data: rows.map(({ response }) => response) },
      ],
    }),
  )
}

function answerTo(request: readonly Part[]): string {
  const parts = request.flatMap((message) => message.content ?? [message])
  const texts = parts.flatMap(({ text }) => (text === undefined ? [] : [text]))
  const image = parts.find((part) => part.image !== undefined)?.image
  const picture = image === undefined ? null : Buffer.from(image, 'base64')
  return sayOf(texts[0] ?? '', { text: texts.slice(1).join('\n'), picture })
}
