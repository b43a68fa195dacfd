import { finishTasks } from '#shared/db/finish-tasks.ts'
import { tasksOfJobs } from '#shared/db/ml-jobs.ts'
import { probePoll } from '#shared/db/probe-poll.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import { askWindow, mlProvider, submitPlannedJobs } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { tellGauges } from './gauges.ts'
import { askOnce } from './step.ts'

export const budgetMs = 50_000

/**
 * A tick is one probe, and only what it names is run: ask about due ML jobs (at least half the time is theirs), send
 * planned ones, ring for pages that nobody took, finish tasks that were left behind.
 */
export const run: Run<'poll'> = async (ports, config, _event, timeLeft) => {
  const found = await probePoll(ports.db)
  const asked = found.ask ? await askWhile(ports, config, () => timeLeft(found.submit ? 0.6 : 1)) : noneAsked
  const failed = found.submit ? await submitPlannedJobs(ports, config, timeLeft) : []
  if (found.pages) await ports.sender(config.TRANSFORM_QUEUE_URL)([{ v: 1, kind: 'transform' }])
  const tasks = [...found.tasks, ...asked.tasks, ...(await tasksOfJobs(ports.db, failed))]
  const { finished } = await finishTasks(ports.db, tasks)
  await tellWhenHeard(ports)
  return { asked: asked.count, finished: finished.length }
}

/** Metrics are not worth a failed tick. */
async function tellWhenHeard(ports: Ports): Promise<void> {
  const { enabled } = await ports.telemetry()
  if (enabled)
    await tellGauges(ports.db).catch((error) => ports.log.warn({ error }, 'metrics could not be read'))
}

const noneAsked = { count: 0, tasks: [] as string[] }

/** Asks batch after batch until none is due or time runs out. */
async function askWhile(
  ports: Ports,
  config: Config<'poll'>,
  timeLeft: () => boolean,
): Promise<typeof noneAsked> {
  const provider = mlProvider(ports, config)
  if (!provider) return noneAsked
  const deps = {
    db: ports.db,
    provider,
    window: askWindow(config),
    log: ports.log,
    random: ports.random,
  }
  const tasks = new Set<string>()
  let count = 0
  while (timeLeft()) {
    const answered = await askOnce(deps)
    for (const task of answered.tasks) tasks.add(task)
    count += answered.asked
    if (!answered.more) break
  }
  return { count, tasks: [...tasks] }
}

export const handler = cloudFunction('poll', budgetMs, run)
