import { setTimeout as after } from 'node:timers/promises'
import { Cron } from 'croner'
import pLimit from 'p-limit'
import type { Driven } from './driven.ts'
import { timerEvent, ymqEvent } from './events.ts'
import type { LocalFunction } from './functions.ts'
import { type LocalQueues, receiveBatch, remove } from './queues.ts'
import type { QueueTrigger, Serverless } from './serverless.ts'
import type { WorldClock } from './world-clock.ts'

/** A trigger's cron, as the cloud reads it: no seconds, an optional sixth field for the year, SUN = 1, in UTC. */
export function cronOf(expression: string): Cron {
  const fields = expression.trim().split(/\s+/)
  const [clock, year] = [fields.slice(0, 5).join(' '), fields[5]]
  return new Cron(`0 ${clock}${year ? ` ${year}` : ''}`, {
    paused: true,
    timezone: 'UTC',
    mode: year ? '7-part' : '6-part',
    alternativeWeekdays: true,
  })
}

export type Triggers = Driven['triggers'] & { close(): Promise<void> }

export interface TriggerOptions {
  readonly serverless: Serverless
  readonly functions: ReadonlyMap<string, LocalFunction>
  readonly queues: LocalQueues
  readonly clock: WorldClock
  /** Rings sent and not yet delivered with success. */
  readonly rings: { undelivered: number }
  /** Gets each failed call; its messages are delivered again, as in the cloud. */
  readonly onFailure: (name: string, error: unknown) => void
}

/** Timers and queue triggers as serverless.yml declares them. */
export function openTriggers(options: TriggerOptions): Triggers {
  const { serverless, functions, queues, clock, rings } = options
  const stop = new AbortController()
  const names = [...functions.keys()]
  const limits = new Map(
    names.map((name) => [name, pLimit(serverless.custom.functions[name]?.instances ?? 1)]),
  )
  let running = 0
  const call = async (name: string, event: object) => {
    const timeoutMs = Number(serverless.functions[name]?.timeout ?? 60) * 1000
    running += 1
    try {
      return await limits.get(name)?.(() => functions.get(name)?.handler(event, contextOf(timeoutMs)))
    } finally {
      running -= 1
    }
  }
  const tick = (name: string) =>
    call(name, timerEvent(`timer-${name}`, clock.now())).then(
      () => undefined,
      (error: unknown) => options.onFailure(name, error),
    )
  /** Rings received by any of the loops and not yet delivered: no loop waits for those of another one. */
  let inHand = 0
  const onTheirWay = (received: number) => {
    inHand += received
    return rings.undelivered > inHand
  }
  const deliver = async (name: string, trigger: QueueTrigger) => {
    const url = queues.urls[trigger.queue] ?? ''
    while (!stop.signal.aborted) {
      const messages = await receiveBatch(queues.client, url, trigger, onTheirWay, stop.signal).catch(
        () => [],
      )
      if (messages.length === 0) continue
      running += 1
      try {
        await call(name, ymqEvent(trigger.queue, messages, clock.now()))
        await remove(queues.client, url, messages)
        // Rings of an earlier run may be among them.
        rings.undelivered = Math.max(0, rings.undelivered - messages.length)
      } catch (error) {
        if (!stop.signal.aborted) options.onFailure(name, error)
      } finally {
        running -= 1
        inHand -= messages.length
      }
    }
  }
  const loops = names.flatMap((name) =>
    (serverless.functions[name]?.events ?? []).flatMap((event) => {
      if (!('ymq' in event)) return []
      const instances = serverless.custom.functions[name]?.instances ?? 1
      return Array.from({ length: instances }, () => deliver(name, event.ymq))
    }),
  )
  return {
    call,
    tick,
    nextTick: nextTickOf(serverless),
    idle: () => running === 0 && rings.undelivered === 0,
    close: async () => {
      stop.abort()
      await Promise.race([Promise.allSettled(loops), after(5_000)])
      while (running > 0) await after(20)
    },
  }
}

/** Tells when the timers of functions fire. */
export function nextTickOf(serverless: Serverless): Driven['triggers']['nextTick'] {
  const timers = new Map(Object.keys(serverless.functions).map((name) => [name, cronsOf(serverless, name)]))
  return (name, from) =>
    (timers.get(name) ?? [])
      .flatMap((timer) => timer.nextRun(from) ?? [])
      .sort((a, b) => a.getTime() - b.getTime())[0]
}

const cronsOf = ({ functions }: Serverless, name: string): Cron[] =>
  (functions[name]?.events ?? []).flatMap((event) => ('cron' in event ? [cronOf(event.cron.expression)] : []))

function contextOf(timeoutMs: number) {
  const until = performance.now() + timeoutMs
  return { requestId: crypto.randomUUID(), getRemainingTimeInMillis: () => until - performance.now() }
}
