import type { Headers } from '@temporalio/common'
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow'

/** Hands the trace with which a workflow was started on to its activities, and to the run that continues it. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let carried: Headers = {}
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => ({
    ...input,
    headers: { ...input.headers, ...carried },
  })
  return {
    inbound: [
      {
        execute: (input, next) => {
          const { traceparent } = input.headers
          carried = traceparent ? { traceparent } : {}
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        continueAsNew: (input, next) => next(withTrace(input)),
      },
    ],
  }
}
