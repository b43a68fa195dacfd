import { commentOf } from '../pictures/comment.ts'
import { openSimulator, type SimAnswer, type SimRequest, type Simulator } from '../server.ts'

export interface OcrSimulatorOptions {
  readonly now: () => Date
  readonly apiKey: string
  readonly durationMs?: number
  /** The form of the older examples in the documentation, in snake case. */
  readonly isOld?: boolean
}

export interface OcrSimulator extends Simulator {
  started(): number
}

interface Started {
  readonly id: string
  readonly at: number
  readonly words: string | null
  readonly error: { readonly code: number; readonly message: string } | null
}

/** Results are kept for so long (Vision OCR). */
const keptMs = 3 * 86_400_000

/** Asynchronous recognition of Vision OCR, with the operations it makes. */
export async function openOcr(options: OcrSimulatorOptions): Promise<OcrSimulator> {
  const { now, apiKey, durationMs = 5_000 } = options
  const operations = new Map<string, Started>()
  const start = (request: SimRequest): SimAnswer => {
    const { content = '', mimeType = '' } = JSON.parse(request.body) as Record<string, string>
    if (content === '' || !['JPEG', 'PNG', 'PDF'].includes(mimeType)) return problem(400, 3, 'bad parameters')
    const picture = Buffer.from(content, 'base64')
    const isImage = picture[0] === 0xff || picture[0] === 0x89
    const error = isImage ? null : { code: 3, message: 'image is corrupted' }
    const id = `fpo${String(operations.size + 1).padStart(8, '0')}`
    operations.set(id, { id, at: now().getTime(), words: isImage ? commentOf(picture) : null, error })
    return { status: 200, body: operationOf(id, { done: false }) }
  }
  const known = (id: string): Started | undefined => {
    const operation = operations.get(id)
    return operation && now().getTime() - operation.at < keptMs ? operation : undefined
  }
  const isDone = ({ at }: Started) => now().getTime() - at >= durationMs
  const describe = (id: string): SimAnswer => {
    const operation = known(id)
    if (!operation) return problem(404, 5, `operation ${id} is not found`)
    const { error } = operation
    const done = isDone(operation)
      ? { done: true, ...(error ? { error } : { response: {} }) }
      : { done: false }
    return { status: 200, body: operationOf(id, done) }
  }
  const result = (id: string): SimAnswer => {
    const operation = known(id)
    if (!operation) return problem(404, 5, 'operation is not found')
    if (!isDone(operation)) return problem(404, 5, 'operation data is not ready')
    const page = options.isOld ? oldPage(operation.words) : page0(operation.words)
    return { status: 200, body: `${JSON.stringify({ result: page })}\n` }
  }
  const answer = (request: SimRequest): SimAnswer => {
    if (request.headers.authorization !== `Api-Key ${apiKey}`) return problem(401, 16, 'Unknown api key')
    const { method, path, query } = request
    if (method === 'POST' && path === '/ocr/v1/recognizeTextAsync') return start(request)
    if (path === '/ocr/v1/getRecognition') return result(query.get('operationId') ?? '')
    const id = /^\/operations\/(.+)$/.exec(path)?.[1]
    return id ? describe(id) : problem(404, 5, 'Not found')
  }
  const simulator = await openSimulator({ answer, named: {} })
  return { ...simulator, started: () => operations.size }
}

const operationOf = (id: string, state: object) => ({
  ...{ id, description: 'OCR async recognition', created_at: '2026-11-01T00:00:00Z', created_by: 'ajeu' },
  ...{ modified_at: '2026-11-01T00:00:00Z', metadata: null, ...state },
})

/** Numbers of 64 bits are text; a coordinate that is zero is left out. */
const corners = [{ y: '120' }, { y: '200' }, { x: '640', y: '200' }, { x: '640', y: '120' }]

const languageOf = (words: string) => (/\p{sc=Cyrillic}/u.test(words) ? 'ru' : 'en')

const page0 = (words: string | null) => ({
  textAnnotation: {
    ...{ width: '1280', height: '720', fullText: words ?? '', rotate: 'ANGLE_0', markdown: '' },
    ...{ entities: [], tables: [], pictures: [] },
    blocks:
      words === null
        ? []
        : [
            {
              boundingBox: { vertices: corners },
              languages: [{ languageCode: languageOf(words) }],
              lines: [{ boundingBox: { vertices: corners }, text: words, words: [], textSegments: [] }],
            },
          ],
  },
  page: '0',
})

const oldPage = (words: string | null) => ({
  text_annotation: {
    ...{ width: '1280', height: '720', entities: [] },
    blocks:
      words === null
        ? []
        : [
            {
              bounding_box: { vertices: corners },
              languages: [{ language_code: languageOf(words) }],
              lines: [{ bounding_box: { vertices: corners }, alternatives: [{ text: words, words: [] }] }],
            },
          ],
  },
  page: '0',
})

const problem = (status: number, grpcCode: number, message: string): SimAnswer => ({
  status,
  body: { error: { grpcCode, httpCode: status, message, httpStatus: '', details: [] } },
})
