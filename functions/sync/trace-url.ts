/** The trace of a sync, by its W3C trace context; a trace that was not sampled is kept nowhere. */
export function traceIdOf(traceparent: string | null): string | null {
  const [, id, flags] = /^00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
  return id !== undefined && (Number.parseInt(flags ?? '0', 16) & 1) === 1 ? id : null
}

/** Its address in the backend that the setting names. */
export function traceUrlOf(template: string | undefined, traceparent: string | null): string | null {
  const id = traceIdOf(traceparent)
  return template !== undefined && id !== null ? template.replaceAll('{trace_id}', id) : null
}
