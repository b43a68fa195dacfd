import type * as z from 'zod'
import { readConfig } from '#shared/runtime/config.ts'
import { portsOf } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'

/** Settings and ports of a process of a driver; an Error names every fault of the settings at once. */
export function openProcess<Settings extends z.ZodObject>(
  name: string,
  settings: Settings,
): { readonly config: z.output<Settings>; readonly ports: Ports } {
  const config = readConfig(name, settings)
  return { config, ports: portsOf({ name, settings }, config) }
}

interface Closable {
  /** Rejects when the process cannot go on. */
  readonly ended?: Promise<void>
  close(): Promise<void>
}

/** Keeps the process up until it is asked to end, which gives back what is under way. */
export async function runUntilAsked({ log, db }: Ports, opened: Closable): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  log.info({}, 'at work')
  await Promise.race([asked, opened.ended ?? asked])
  await opened.close()
  await db.end()
  log.info({}, 'ended')
}
