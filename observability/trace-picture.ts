/** A span as OTLP has it in JSON, as far as the picture looks at it. */
export interface ExportedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly links?: readonly { readonly spanId: string }[]
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
}

/** Spans of one name below one parent's, and the function that did the work. */
interface Row {
  readonly name: string
  readonly by: string
  readonly spans: ExportedSpan[]
  readonly isLinked: boolean
  readonly depth: number
  /** Index of the row it hangs from. */
  readonly parent: number | undefined
}

const attribute = (span: ExportedSpan | undefined, name: string) =>
  span?.attributes.find(({ key }) => key === name)?.value.stringValue

/** The trace of one sync as a picture (SVG): spans of one kind are a row, functions are columns in the order in which they come. */
export function tracePicture(all: readonly ExportedSpan[], traceId: string): string {
  const { rows, triggers } = readTrace(all, traceId)
  const columns = [...new Set(rows.map(({ by }) => by))]
  return draw(rows, columns, triggers)
}

function readTrace(all: readonly ExportedSpan[], traceId: string) {
  const byId = new Map(all.map((span) => [span.spanId, span]))
  const rootOf = (span: ExportedSpan): ExportedSpan => {
    const parent = byId.get(span.parentSpanId ?? '')
    return parent ? rootOf(parent) : span
  }
  const callOf = (span: ExportedSpan): ExportedSpan | undefined =>
    (span.links ?? [])
      .flatMap(({ spanId }) => byId.get(spanId) ?? [])
      .map(rootOf)
      .find((root) => attribute(root, 'faas.name') !== undefined)
  const triggers = new Map<string, string>()
  const rows: Row[] = []
  const add = (
    spans: readonly ExportedSpan[],
    depth: number,
    parent: number | undefined,
    inherited: string,
  ) => {
    const groups = Map.groupBy(inOrder(spans), ({ name }) => name)
    for (const [name, group] of groups) {
      const [first] = group
      if (!first) continue
      const call = attribute(first, 'faas.name') === undefined ? callOf(first) : first
      const by = attribute(call, 'faas.name') ?? inherited
      if (call && !triggers.has(by)) triggers.set(by, attribute(call, 'faas.trigger') ?? '')
      rows.push({ name, by, spans: group, isLinked: call !== undefined && call !== first, depth, parent })
      const ids = new Set(group.map(({ spanId }) => spanId))
      const below = all.filter(({ parentSpanId = '' }) => ids.has(parentSpanId))
      add(below, depth + 1, rows.length - 1, by)
    }
  }
  const own = all.filter((span) => span.traceId === traceId)
  add(
    own.filter(({ parentSpanId = '' }) => !byId.has(parentSpanId)),
    0,
    undefined,
    '',
  )
  return { rows, triggers }
}

const inOrder = (spans: readonly ExportedSpan[]) =>
  [...spans].sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))

const called: Readonly<Record<string, string>> = {
  http: 'called over HTTP',
  pubsub: 'rung by a queue',
  timer: 'by its timer, until all is done',
}
const size = { label: 190, column: 170, row: 34, top: 74, bar: 104, barHeight: 18 }

function draw(
  rows: readonly Row[],
  columns: readonly string[],
  triggers: ReadonlyMap<string, string>,
): string {
  const width = size.label + columns.length * size.column + 20
  const height = size.top + rows.length * size.row + 46
  const x = (by: string) => size.label + columns.indexOf(by) * size.column
  const y = (index: number) => size.top + index * size.row
  const heads = columns.map(
    (name) => `<text x="${x(name)}" y="30" class="b">${name}</text>
  <text x="${x(name)}" y="48" class="q">${called[triggers.get(name) ?? ''] ?? ''}</text>
  <line x1="${x(name) - 14}" y1="14" x2="${x(name) - 14}" y2="${height - 40}" class="l"/>`,
  )
  const bars = rows.map(({ name, by, spans, isLinked, depth, parent }, index) => {
    const from = parent === undefined ? undefined : rows[parent]
    const middle = y(index) + size.barHeight / 2
    const turn =
      from === undefined || parent === undefined
        ? ''
        : `<path d="M${x(from.by) + 12 + from.depth * 8} ${y(parent) + size.barHeight} V${middle} H${x(by) + depth * 8}" class="p"/>\n  `
    const count = spans.length > 1 ? ` <tspan class="q">× ${spans.length}</tspan>` : ''
    return `${turn}<text x="${12 + depth * 16}" y="${middle + 5}">${name}${count}</text>
  <rect x="${x(by) + depth * 8}" y="${y(index)}" width="${size.bar}" height="${size.barHeight}" rx="4" class="s${isLinked ? ' k' : ''}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The trace of one sync">
  <style>
    text { font: 14px system-ui, sans-serif; fill: #1c2733 } .b { font-weight: 600 } .q { fill: #5b6b7b; font-size: 12px }
    .s { fill: #4c8dd6 } .k { stroke: #c2671b; stroke-width: 2; stroke-dasharray: 4 3 } .l { stroke: #d5dde5 } .p { stroke: #8a99a8; fill: none }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .q { fill: #9fb0c0 } .l { stroke: #33404d } .k { stroke: #f0a35e } }
  </style>
  ${[...heads, ...bars].join('\n  ')}
  <rect x="12" y="${height - 30}" width="26" height="14" rx="4" class="s k"/>
  <text x="46" y="${height - 18}" class="q">linked to a call of the function, which works for other syncs too and is a trace of its own</text>
</svg>
`
}
