import { status } from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import { openBatchInference } from '#shared/cloud/batch-inference.ts'
import { pictureFetcher } from '#shared/media/fetch-picture.ts'
import { batchProvider } from '#shared/ml/batch/provider.ts'
import { chatProvider } from '#shared/ml/chat/provider.ts'
import { httpProvider } from '#shared/ml/http-provider.ts'
import { ocrProvider } from '#shared/ml/ocr/provider.ts'
import type { MlKind } from '#shared/model/ml-job.ts'
import { openBatch } from '../../local/simulators/ml/batch/server.ts'
import { openChat } from '../../local/simulators/ml/chat.ts'
import { openOcr } from '../../local/simulators/ml/ocr.ts'
import { openMl } from '../../local/simulators/ml/server.ts'
import { wordsIn } from '../../local/simulators/pictures/draw.ts'
import { openPictures } from '../../local/simulators/pictures/server.ts'
import type { Simulator } from '../../local/simulators/server.ts'
import { type OpenedProvider, providerSuite, type Trouble } from '../ml.suite.ts'

const apiKey = 'simulated-key'
const html = { status: 200, body: '<html>sign in to this network</html>' }

/** A clock that stands until it is moved, and a picture of a brand. */
async function openWorld() {
  let time = Date.parse('2026-11-01T00:00:00Z')
  const now = () => new Date(time)
  const pictures = await openPictures({ now })
  onTestFinished(() => pictures.close())
  const name = Array.from({ length: 50 }, (_, number) => `i.ytimg.com/vi/${number}.jpg`).find((link) =>
    /^[\x20-\x7e]+$/.test(wordsIn(link) ?? ''),
  )
  return {
    now,
    wait: (ms: number) => {
      time += ms
    },
    fetchPicture: pictureFetcher({ fetch, hosts: [], origins: [pictures.url] }),
    picture: { media: [{ id: 'm1', kind: 'image' as const, url: `${pictures.url}/${name}` }] },
    text: { text: 'New shoes by Nike, and they are great!' },
  }
}

/** Faults of a server that speaks HTTP, at the call that takes jobs. */
const overHttp =
  (simulator: Simulator, path: string) =>
  async (trouble: Trouble): Promise<void> => {
    if (trouble === 'down') return simulator.close()
    const answers = {
      'slow down': { status: 429, body: {}, headers: { 'retry-after': '30' } },
      'wrong key': { status: 401, body: {} },
      'broken answer': html,
    }
    simulator.plan({ path, times: 1, status: answers[trouble] })
  }

for (const minimal of [false, true])
  providerSuite(minimal ? 'a minimal provider over HTTP' : 'a provider over HTTP', async () => {
    const { now, wait, text } = await openWorld()
    const simulator = await openMl({ now, minimal, durationMs: () => 60_000 })
    onTestFinished(() => simulator.close())
    return {
      provider: httpProvider({ fetch, baseUrl: simulator.url, apiKey, idempotent: !minimal }),
      ...{ kind: 'text', input: text, wait, paid: () => simulator.accepted() },
      trouble: overHttp(simulator, '/jobs'),
    }
  })

for (const kind of ['text', 'image', 'image_text', 'nsfw'] as const)
  providerSuite(`chat completions, ${kind}`, () => openChatWorld(kind, kind === 'image'))

async function openChatWorld(kind: MlKind, isFenced: boolean): Promise<OpenedProvider> {
  const { wait, picture, text, fetchPicture } = await openWorld()
  const simulator = await openChat({ apiKey, isFenced })
  onTestFinished(() => simulator.close())
  return {
    provider: chatProvider({ fetch, fetchPicture, baseUrl: simulator.url, apiKey, folder: 'b1g' }),
    ...{ kind, input: kind === 'text' ? text : picture, wait, paid: () => simulator.answered() },
    trouble: overHttp(simulator, '/chat/completions'),
  }
}

for (const isOld of [false, true])
  providerSuite(`Vision OCR, ${isOld ? 'answers of its older examples' : 'answers of today'}`, async () => {
    const { now, wait, picture, fetchPicture } = await openWorld()
    const simulator = await openOcr({ now, apiKey, isOld })
    onTestFinished(() => simulator.close())
    const urls = { baseUrl: simulator.url, operationsUrl: simulator.url }
    return {
      provider: ocrProvider({ fetch, fetchPicture, ...urls, apiKey, folder: 'b1g', languages: ['*'] }),
      ...{ kind: 'image_text', input: picture, wait, paid: () => simulator.started() },
      trouble: overHttp(simulator, '/ocr/v1/recognizeTextAsync'),
    }
  })

for (const kind of ['text', 'image_text'] as const)
  providerSuite(`batch inference, ${kind}`, async () => {
    const { now, wait, picture, text, fetchPicture } = await openWorld()
    const simulator = await openBatch({ now, apiKey })
    onTestFinished(() => simulator.close())
    const endpoint = simulator.endpoint.replace('http://', '')
    const service = openBatchInference({
      fetch,
      endpoint,
      apiKey,
      folder: 'b1g',
      isPlain: true,
      owner: 'tests',
    })
    const codes = {
      'slow down': status.RESOURCE_EXHAUSTED,
      'wrong key': status.UNAUTHENTICATED,
      'broken answer': status.INTERNAL,
    }
    const runs = { most: 500, least: 1, waitMs: 0 }
    return {
      provider: batchProvider({
        ...{ ...runs, fetchPicture, service: async () => service, mayBegin: async () => true },
      }),
      ...{ kind, input: kind === 'text' ? text : picture, wait, paid: () => simulator.begun() },
      trouble: (trouble) =>
        trouble === 'down'
          ? simulator.close()
          : simulator.plan({ method: 'create', times: 1, code: codes[trouble] }),
    }
  })
