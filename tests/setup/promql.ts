import { parser } from '@prometheus-io/lezer-promql'

/** What an expression asks for: each metric with the labels that it selects by, and all labels that it groups by. */
export interface Asked {
  readonly metrics: readonly { readonly name: string; readonly labels: readonly string[] }[]
  readonly groups: readonly string[]
  /** Places at which it is no PromQL; empty: it is. */
  readonly errors: readonly string[]
}

/** Reads an expression by Prometheus's own grammar. */
export function readPromql(expression: string): Asked {
  const metrics: { name: string; labels: string[] }[] = []
  const groups: string[] = []
  const errors: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, from, to, node }) => {
      const text = expression.slice(from, to)
      if (type.isError) errors.push(`${from}: ${text}`)
      if (type.name === 'VectorSelector') metrics.push({ name: '', labels: [] })
      const last = metrics.at(-1)
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector' && last) last.name = text
      if (type.name === 'LabelName' && node.parent?.name === 'GroupingLabels') groups.push(text)
      else if (type.name === 'LabelName') last?.labels.push(text)
    },
  })
  return { metrics, groups, errors }
}
