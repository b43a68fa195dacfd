import { installationId, mayBegin } from '../db/tables/ml-runs.ts'
import { batchProvider } from '../ml/batch/provider.ts'
import { chatProvider } from '../ml/chat/provider.ts'
import { httpProvider } from '../ml/http-provider.ts'
import { ocrProvider } from '../ml/ocr/provider.ts'
import type { MlProvider } from '../ml/provider.ts'
import type { ProviderSetting } from '../ml/settings.ts'
import type { StageConfig } from './config.ts'
import { type PictureConfig, picturesOf } from './media.ts'
import type { Ports } from './ports.ts'

/** Of a picture that is sent itself: it stands in memory several times. */
const mostSentBytes = 5_000_000

export type ProviderConfig = Pick<
  StageConfig<'poll'>,
  'ML_URL' | 'ML_API_KEY' | 'ML_KEYS' | 'ML_CALLBACK_KEYS'
> &
  PictureConfig

/** The client of a provider. Throws for one that has no address. */
export function openProvider(
  { fetch, db }: Ports,
  config: ProviderConfig,
  setting: ProviderSetting,
): MlProvider {
  const { name } = setting
  const apiKey = config.ML_KEYS[name] ?? (name === 'ml' ? config.ML_API_KEY : undefined)
  const fetchPicture = picturesOf({ fetch }, config, mostSentBytes)
  switch (setting.type) {
    case 'http': {
      const { url = config.ML_URL, idempotent } = setting
      if (url === undefined)
        throw new Error(`invalid settings: the provider ${name} of ML_PROVIDERS has no url`)
      return httpProvider({ fetch, baseUrl: url, apiKey, idempotent, callback: callbackOf(config, name) })
    }
    case 'chat':
      return chatProvider({ fetch, fetchPicture, baseUrl: setting.url, apiKey, folder: setting.folder })
    case 'vision-ocr': {
      const { url: baseUrl, operations_url: operationsUrl, folder, languages } = setting
      return ocrProvider({ fetch, fetchPicture, baseUrl, operationsUrl, apiKey, folder, languages })
    }
    case 'ai-studio-batch': {
      const { run_jobs: most, run_least: least, run_hours, folder } = setting
      const isPlain = setting.endpoint.startsWith('http://')
      const endpoint = setting.endpoint.replace(/^https?:\/\//, '')
      // The SDK is large: it is loaded where it is used first.
      const service = async () => {
        const { openBatchInference } = await import('../cloud/batch-inference.ts')
        return openBatchInference({
          fetch,
          endpoint,
          apiKey,
          folder,
          isPlain,
          owner: await installationId(db),
        })
      }
      let opened: ReturnType<typeof service> | undefined
      const once = () => {
        // One that failed is opened again by the next call.
        opened ??= service().catch((error: unknown) => {
          opened = undefined
          throw error
        })
        return opened
      }
      return batchProvider({
        ...{ fetchPicture, most, least, waitMs: run_hours * 3_600_000, service: once },
        mayBegin: (run) => mayBegin(db, name, run),
      })
    }
  }
}

function callbackOf({ MEDIA_URL: door, ML_CALLBACK_KEYS: keys }: ProviderConfig, name: string) {
  if (door === undefined || keys[name] === undefined) return undefined
  return `${door.replace(/\/$/, '')}/v1/ml-callbacks/${name}`
}
