import { status } from '@grpc/grpc-js'
import {
  DatasetInfo,
  DatasetInfo_Status as DatasetStatus,
} from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset'
import type {
  CreateDatasetRequest,
  GetUploadDraftUrlRequest,
} from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset_service'
import { Operation } from '@yandex-cloud/nodejs-sdk/operation/operation'
import { type BatchSimulatorOptions, Refused } from './refused.ts'

const taskTypes = ['TextToTextGenerationRequest', 'ImageTextToTextGenerationRequest']
/** Datasets that a folder may have. */
const mostDatasets = 100

interface Named {
  readonly datasetId: string
}

export type Datasets = ReturnType<typeof openDatasets>

/** The service of datasets: a draft is uploaded, then checked for a while. */
export function openDatasets({
  now,
  checkMs = 136_000,
  url,
}: BatchSimulatorOptions & { readonly url: string }) {
  const infos = new Map<string, DatasetInfo>()
  /** Text of drafts by the id of the dataset; files of results by their path. */
  const drafts = new Map<string, string>()
  const files = new Map<string, Buffer>()
  const checked = new Map<string, number>()
  let made = 0

  const find = (id: string): DatasetInfo => {
    const info = infos.get(id)
    if (!info) throw new Refused(status.NOT_FOUND, `Dataset ${id} not found`)
    const since = checked.get(id)
    if (info.status === DatasetStatus.VALIDATING && since !== undefined && now().getTime() - since >= checkMs)
      info.status = linesOf(id).every(isRequest) ? DatasetStatus.READY : DatasetStatus.INVALID
    return info
  }
  const linesOf = (id: string) => (drafts.get(id) ?? '').split('\n').filter((line) => line !== '')
  const add = (info: Partial<DatasetInfo>): DatasetInfo => {
    if (infos.size >= mostDatasets)
      throw new Refused(status.RESOURCE_EXHAUSTED, `datasets: limit of ${mostDatasets} is reached`)
    made += 1
    const datasetId = `fds${String(made).padStart(8, '0')}`
    const whole = DatasetInfo.fromPartial({ ...info, datasetId, createdAt: now() })
    infos.set(datasetId, whole)
    return whole
  }
  const calls = {
    create: ({ uploadFormat, taskType, name, labels, folderId }: CreateDatasetRequest) => {
      if (uploadFormat !== 'jsonlines' || !taskTypes.includes(taskType) || name.length > 63)
        throw new Refused(status.INVALID_ARGUMENT, 'upload format, task type or name')
      const dataset = add({ name, labels, folderId, taskType, status: DatasetStatus.DRAFT })
      return { datasetId: dataset.datasetId, dataset }
    },
    getUploadDraftUrl: ({ datasetId, sizeBytes }: GetUploadDraftUrlRequest) => ({
      datasetId: find(datasetId).datasetId,
      uploadUrl: `${url}/${datasetId}?size=${sizeBytes}`,
    }),
    validate: ({ datasetId }: Named) => {
      if (!drafts.has(datasetId)) throw new Refused(status.FAILED_PRECONDITION, 'no draft was uploaded')
      find(datasetId).status = DatasetStatus.VALIDATING
      checked.set(datasetId, now().getTime())
      return Operation.fromPartial({ id: `op-${datasetId}`, done: false })
    },
    describe: ({ datasetId }: Named) => ({ dataset: find(datasetId) }),
    getDownloadUrls: ({ datasetId }: Named) => ({
      datasetId: find(datasetId).datasetId,
      downloadUrls: [{ key: 'main', url: `${url}/results/${datasetId}` }],
    }),
    delete: ({ datasetId }: Named) => {
      find(datasetId)
      infos.delete(datasetId)
      return {}
    },
    list: () => ({ datasets: [...infos.keys()].map(find), nextPageToken: '' }),
  }
  return { infos, drafts, files, linesOf, find, add, calls }
}

function isRequest(line: string): boolean {
  try {
    return Array.isArray((JSON.parse(line) as { request?: unknown }).request)
  } catch {
    return false
  }
}
