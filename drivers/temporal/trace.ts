import type { Context } from '@temporalio/activity'
import type { WorkflowClientInterceptor } from '@temporalio/client'
import { defaultPayloadConverter, type Headers } from '@temporalio/common'
import type { ActivityInterceptors, Next } from '@temporalio/worker'
import { currentTraceparent, inSpan } from '#shared/telemetry/span.ts'

/** The header in which a trace travels from a caller through a workflow to its activities (trace-in-workflow.ts). */
const header = 'traceparent'

/** Started workflows go on with the trace of their caller. */
export const traceOfStart: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => next({ ...input, headers: withTrace(input.headers) }),
  signalWithStart: (input, next) => next({ ...input, headers: withTrace(input.headers) }),
}

function withTrace(headers: Headers): Headers {
  const traceparent = currentTraceparent()
  return traceparent ? { ...headers, [header]: defaultPayloadConverter.toPayload(traceparent) } : headers
}

/** An activity is a span of the trace that its workflow carries, and says each five seconds that it lives. */
export const activityInterceptors = (context: Context): ActivityInterceptors => ({
  inbound: {
    execute: (input, next: Next<Required<ActivityInterceptors>['inbound'], 'execute'>) => {
      const payload = input.headers[header]
      const parent = payload ? defaultPayloadConverter.fromPayload<string>(payload) : null
      const { activityType, attempt, workflowExecution } = context.info
      const attributes = {
        'temporal.workflow.id': workflowExecution?.workflowId ?? '',
        'temporal.activity.attempt': attempt,
      }
      const beat = setInterval(() => context.heartbeat(), 5_000)
      return inSpan(activityType, { parent, attributes }, () => next(input)).finally(() =>
        clearInterval(beat),
      )
    },
  },
})
