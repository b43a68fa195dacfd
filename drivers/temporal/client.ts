import {
  Client,
  type Connection,
  type WorkflowHandleWithFirstExecutionRunId,
  WorkflowNotFoundError,
} from '@temporalio/client'
import pMap from 'p-map'
import type { Db } from '#shared/db/pool.ts'
import type { TaskName, TaskRef } from '#shared/db/views/task-progress.ts'
import { beginAll } from '../core/begin.ts'
import type { Follower } from '../core/follower.ts'
import type { ScheduleName } from './schedules.ts'
import { searchKeys } from './search-keys.ts'
import { traceOfStart } from './trace.ts'
import type { movedSignal, syncTask } from './workflows.ts'

export interface TemporalPlace {
  readonly namespace: string
  readonly taskQueue: string
}

export interface TemporalFollower extends Follower {
  readonly client: Client
  /** The ids of tasks that a workflow follows, as far as Temporal's list shows it already. */
  followed(): AsyncGenerator<string>
}

const prefix = 'sync-task/'
/** The workflow of a task: there is one, so that starting twice is joining. */
const workflowIdOf = (taskId: string): string => `${prefix}${taskId}`

/** Which activities get the next free place of a worker: below 2 stands what is done for all tasks (workflows.ts). */
const priorities = { 'ad-hoc': 2, schedule: 3, backfill: 4 } as const satisfies Record<
  TaskRef['lane'],
  number
>
const inFlight = 16

/** Follows tasks by workflows. */
export function openFollower(
  db: Db,
  connection: Connection,
  { namespace, taskQueue }: TemporalPlace,
): TemporalFollower {
  const client = new Client({ connection, namespace, interceptors: { workflow: [traceOfStart] } })
  const optionsOf = ({ id, platform, account_id, lane, client: forClient }: TaskRef) => ({
    ...{ taskQueue, workflowId: workflowIdOf(id) },
    args: [{ id, platform, account_id }] as [TaskName],
    staticSummary: `${platform}, account ${account_id}`,
    priority: { priorityKey: priorities[lane] },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    typedSearchAttributes: [
      { key: searchKeys.account, value: account_id },
      { key: searchKeys.platform, value: platform },
      ...(forClient === null ? [] : [{ key: searchKeys.client, value: forClient }]),
    ],
  })
  // Where there is a workflow, this leaves no event in its history.
  const start = (task: TaskRef) =>
    client.workflow.start<typeof syncTask>('syncTask', {
      ...optionsOf(task),
      workflowIdConflictPolicy: 'USE_EXISTING',
    })
  const startAndWake = (task: TaskRef) =>
    client.workflow.signalWithStart<typeof syncTask, []>('syncTask', {
      ...optionsOf(task),
      ...{ signal: 'moved' satisfies typeof movedSignal.name, signalArgs: [] },
    })
  const wake = (id: string) =>
    client.workflow
      .getHandle(workflowIdOf(id))
      .signal('moved')
      .catch((error: unknown) => {
        // It has ended by itself.
        if (!(error instanceof WorkflowNotFoundError)) throw error
      })
  return {
    client,
    follow: (tasks) => beginAll(db, tasks, start),
    rouse: (tasks) => beginAll(db, tasks, startAndWake),
    ended: async (ids) => void (await pMap(ids, wake, { concurrency: inFlight, stopOnError: false })),
    followed: async function* () {
      const query = `WorkflowType = 'syncTask' AND ExecutionStatus = 'Running'`
      for await (const { workflowId } of client.workflow.list({ query, pageSize: 1_000 }))
        if (workflowId.startsWith(prefix)) yield workflowId.slice(prefix.length)
    },
  }
}

/** Has a worker run a workflow that is about all tasks, at once; one that is under way is joined. */
export const startNow = async (
  { workflow }: Client,
  { taskQueue }: TemporalPlace,
  name: ScheduleName | 'transformAll',
): Promise<WorkflowHandleWithFirstExecutionRunId> =>
  workflow.start(name, {
    ...{ taskQueue, workflowId: `social-sync/${name}/now`, args: [] },
    workflowIdConflictPolicy: 'USE_EXISTING',
  })
