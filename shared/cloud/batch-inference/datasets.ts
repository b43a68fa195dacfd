import {
  type DatasetInfo,
  DatasetInfo_Status as DatasetStatus,
} from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset'
import {
  CreateDatasetRequest,
  DeleteDatasetRequest,
  DescribeDatasetRequest,
  GetDownloadUrlsRequest,
  GetUploadDraftUrlRequest,
  ListDatasetsRequest,
  ValidateDatasetRequest,
} from '@yandex-cloud/nodejs-sdk/ai-dataset-v1/dataset_service'
import { type Fetch, request, requestBytes } from '../../http/request.ts'
import type { BatchService, DatasetState, Line } from '../../ml/batch/service.ts'
import { noAnswer, orAway } from '../../ml/refusal.ts'
import { type Calls, firstOf, NotFound, orGone } from './calls.ts'
import { linesIn } from './parquet-lines.ts'

const states: Partial<Record<DatasetStatus, DatasetState>> = {
  [DatasetStatus.READY]: 'checked',
  [DatasetStatus.INVALID]: 'invalid',
  [DatasetStatus.DELETING]: 'gone',
}

type DatasetCalls = Pick<BatchService, 'look' | 'upload' | 'datasetState' | 'results' | 'datasets'> & {
  removeDataset(id: string): Promise<void>
}

/** What batch inference does with datasets. */
export const datasetCalls = (
  { datasets, call }: Calls,
  { fetch, folder, owner }: { readonly fetch: Fetch; readonly folder: string; readonly owner: string },
): DatasetCalls => ({
  look: async () => {
    await call(datasets, datasets.list, ListDatasetsRequest.fromPartial({ folderId: folder, pageSize: 1 }))
  },
  upload: async (name, ofPictures, lines) => {
    const body = Buffer.from(lines)
    const made = {
      name,
      folderId: folder,
      uploadFormat: 'jsonlines',
      labels: labelsOf(owner),
      allowDataLog: false,
    }
    const taskType = ofPictures ? 'ImageTextToTextGenerationRequest' : 'TextToTextGenerationRequest'
    const asked = CreateDatasetRequest.fromPartial({ ...made, taskType })
    const { datasetId } = await call(datasets, datasets.create, asked)
    const room = GetUploadDraftUrlRequest.fromPartial({ datasetId, sizeBytes: body.length })
    const { uploadUrl } = await call(datasets, datasets.getUploadDraftUrl, room)
    await put(fetch, uploadUrl, body)
    await call(datasets, datasets.validate, ValidateDatasetRequest.fromPartial({ datasetId }))
    return datasetId
  },
  datasetState: async (datasetId) => {
    try {
      const asked = DescribeDatasetRequest.fromPartial({ datasetId })
      const { dataset } = await call(datasets, datasets.describe, asked)
      return states[dataset?.status ?? DatasetStatus.STATUS_UNSPECIFIED] ?? 'being checked'
    } catch (error) {
      if (error instanceof NotFound) return 'gone'
      throw error
    }
  },
  results: async (datasetId) => {
    const asked = GetDownloadUrlsRequest.fromPartial({ datasetId })
    const { downloadUrls } = await call(datasets, datasets.getDownloadUrls, asked)
    const lines: Line[] = []
    for (const { url } of downloadUrls) lines.push(...(await linesIn(await get(fetch, url))))
    return lines
  },
  datasets: async () => {
    const found: { id: string; madeAt: Date }[] = []
    await firstOf(
      async (pageToken) => {
        const asked = ListDatasetsRequest.fromPartial({ folderId: folder, pageSize: 100, pageToken })
        const page = await call(datasets, datasets.list, asked)
        return { items: page.datasets, next: page.nextPageToken }
      },
      (one) => {
        if (isOurs(one, owner)) found.push({ id: one.datasetId, madeAt: one.createdAt ?? new Date(0) })
        return false
      },
    )
    return found
  },
  removeDataset: (datasetId) =>
    orGone(call(datasets, datasets.delete, DeleteDatasetRequest.fromPartial({ datasetId }))),
})

/** By which ours are known among those of others in the folder. */
const labelsOf = (owner: string) => ({ made_by: 'social-sync', owner })

const isOurs = ({ labels, status }: DatasetInfo, owner: string) =>
  labels['owner'] === owner && status !== DatasetStatus.DELETING

const timeoutMs = 60_000
/** Results come back with the pictures that were sent. */
const maxBytes = 60_000_000

/** No job is to blame, and no key of ours was sent. */
const storageTrouble = (status: number) => noAnswer(`the storage of datasets answered ${status}`, false)

/** The address is signed for so many bytes; a key of ours in the request would make it invalid. */
async function put(fetch: Fetch, url: string, body: Buffer): Promise<void> {
  // Not copied: it may be large.
  const init = { method: 'PUT', body: body as Uint8Array<ArrayBuffer>, timeoutMs }
  const answer = await request(fetch, url, init).catch((error: unknown) => {
    throw orAway(error)
  })
  if (answer.status !== 200) throw storageTrouble(answer.status)
}

async function get(fetch: Fetch, url: string): Promise<Buffer> {
  const answer = await requestBytes(fetch, url, { timeoutMs, maxBytes }).catch((error: unknown) => {
    throw orAway(error)
  })
  if (answer.status !== 200) throw storageTrouble(answer.status)
  return answer.bytes
}
