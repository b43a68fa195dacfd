import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client'
import type { TemporalPlace } from './client.ts'
import type * as workflows from './workflows.ts'

/** What is done for all tasks, and how often. */
const schedules = {
  createDue: '1 minute',
  pollAll: '1 minute',
  repairAll: '5 minutes',
  maintainAll: '10 minutes',
} as const satisfies Partial<Record<keyof typeof workflows, string>>

export type ScheduleName = keyof typeof schedules

const scheduleIdOf = (name: ScheduleName): string => `social-sync/${name}`

const optionsOf = (name: ScheduleName, { taskQueue }: TemporalPlace): ScheduleOptions => ({
  scheduleId: scheduleIdOf(name),
  spec: { intervals: [{ every: schedules[name] }] },
  // One that is still at work is not begun again.
  policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
  state: { triggerImmediately: true },
  action: {
    type: 'startWorkflow',
    workflowType: name,
    taskQueue,
    workflowId: `social-sync/${name}`,
    args: [],
  },
})

/** Makes the schedules that are not there. Returns those that are. */
export async function makeSchedules({ schedule }: Client, place: TemporalPlace): Promise<ScheduleName[]> {
  const known: ScheduleName[] = []
  for (const name of Object.keys(schedules) as ScheduleName[])
    try {
      await schedule.create(optionsOf(name, place))
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
      known.push(name)
    }
  return known
}

/** Makes the schedules, and brings those that are there to the form of this release; a person's pause stays. */
export async function putSchedules(client: Client, place: TemporalPlace): Promise<void> {
  for (const name of await makeSchedules(client, place))
    await client.schedule
      .getHandle(scheduleIdOf(name))
      .update(({ state }) => ({ ...optionsOf(name, place), state }))
}
