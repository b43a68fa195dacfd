import { parquetReadObjects } from 'hyparquet'
import { RetryableError } from '../../errors.ts'
import type { Line } from '../../ml/batch/service.ts'

/** Longer texts are pictures. */
const mostLetters = 20_000

/** The lines in a Parquet file of results: what the model was shown, and what it said. */
export async function linesIn(bytes: Buffer): Promise<Line[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  try {
    const rows = await parquetReadObjects({ file, columns: ['request', 'response'] })
    return rows.map(({ request, response }) => ({
      shown: textsIn(request),
      response: String(response ?? ''),
    }))
  } catch (cause) {
    throw new RetryableError('the results are no Parquet file of requests and responses', {
      reason: 'broken_answer',
      cause,
    })
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length > mostLetters ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
