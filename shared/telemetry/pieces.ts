import { type ExportResult, ExportResultCode } from '@opentelemetry/core'

/** Backends refuse larger requests: New Relic more than a million bytes. */
const mostBytes = 900_000

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void
}

/**
 * Makes an exporter send a large batch in several requests; the outcome is that of the first that failed.
 * @param failures counts exports that failed: the metric reader reports them to no caller
 */
export function inPieces<Batch, Sender extends Exporter<Batch>>(
  exporter: Sender & Exporter<Batch>,
  split: (batch: Batch) => readonly Batch[],
  failures: { count: number },
): Sender {
  const send = exporter.export.bind(exporter)
  exporter.export = (batch, done) => {
    const pieces = split(batch).map(
      (piece) => new Promise<ExportResult>((settle) => void send(piece, settle)),
    )
    void Promise.all(pieces).then((results) => {
      const failed = results.find(({ code }) => code !== ExportResultCode.SUCCESS)
      if (failed) failures.count += 1
      done(failed ?? { code: ExportResultCode.SUCCESS })
    })
  }
  return exporter
}

/** Items in their order, in runs of so many bytes at most; one that is larger alone goes alone. */
export function splitBySize<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  most: number = mostBytes,
): Item[][] {
  const pieces: Item[][] = []
  let left = 0
  for (const item of items) {
    const bytes = bytesOf(item)
    left -= bytes
    if (left < 0 || pieces.length === 0) {
      pieces.push([])
      left = most - bytes
    }
    pieces.at(-1)?.push(item)
  }
  return pieces
}

/** Bytes of ids, times and names of fields, more or less, beside its texts. */
const recordBytes = 300

/** About the size of attributes and texts on the wire; JSON is never shorter. */
export const sizeOf = (...texts: readonly unknown[]): number =>
  recordBytes + Buffer.byteLength(JSON.stringify(texts))
