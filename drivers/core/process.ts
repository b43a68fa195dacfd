import { constants } from 'node:os'
import pTimeout from 'p-timeout'
import type * as z from 'zod'
import { readConfig } from '#shared/runtime/config.ts'
import { portsOf } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { type Health, healthSettings, openHealth } from './health.ts'

/** A process that goes on sends what was recorded so often, and not with each piece of work. */
const exportEveryMs = 5_000

interface Opened<Settings extends z.ZodObject> {
  readonly config: z.output<Settings>
  readonly ports: Ports
  /** Sends what was recorded. */
  readonly flush: () => Promise<void>
  readonly health: Health
  /** Resolves when the process is asked to end. Before it is at work, it ends at once. */
  readonly asked: Promise<void>
}

/** What does not close within this time is left as it is: the ledger and its leases are made for that. */
const closeMs = 25_000

/** Settings, ports and probes of a process of a driver; an Error names every fault of the settings at once. */
export async function openProcess<Settings extends z.ZodObject>(
  name: string,
  settings: Settings,
): Promise<Opened<Settings>> {
  const config = readConfig(name, settings)
  const { HEALTH_PORT } = readConfig(name, healthSettings)
  const health = await openHealth(HEALTH_PORT)
  const ports = portsOf({ name, settings }, config)
  // Before anything else: what asks for a tracer earlier may never record (bullmq-otel).
  const { enabled, flush } = await ports.telemetry()
  const telemetry = async () => ({ enabled, flush: async () => undefined })
  return { config, ports: { ...ports, telemetry }, flush, health, asked: askedToEnd(health) }
}

/** The first process of a container has no signals but those that it listens to. What is not at work yet has not done its part. */
function askedToEnd(health: Health): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () =>
        health.isReady() ? resolve() : process.exit(128 + constants.signals[signal]),
      )
  })
}

interface Closable {
  /** Rejects when the process cannot go on. */
  readonly ended?: Promise<void>
  close(): Promise<void>
}

export interface WorkerOptions {
  /** Whether schedules are kept; a world with a clock of its own runs them by that. */
  readonly hasSchedules: boolean
}

/** Keeps the process up until it is asked to end, which gives back what is under way. */
export async function runUntilAsked(
  { ports: { log }, flush, health, asked }: Omit<Opened<z.ZodObject>, 'config'>,
  opened: Closable,
): Promise<void> {
  const exporting = setInterval(flush, exportEveryMs)
  health.say(true)
  log.info({ health: health.port }, 'at work')
  try {
    await Promise.race([asked, opened.ended ?? asked])
  } finally {
    health.say(false)
    // What is away when a process is to end does not keep it.
    await pTimeout(opened.close(), { milliseconds: closeMs }).catch((error: unknown) =>
      log.warn({ error }, 'not all could be closed'),
    )
    clearInterval(exporting)
    await flush()
    log.info({}, 'ended')
  }
  process.exit()
}
