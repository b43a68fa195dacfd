import middy from '@middy/core'
import type * as z from 'zod'
import { within } from '#shared/within.ts'
import { type Environment, readConfig } from './config.ts'
import { openPorts, type Ports } from './ports.ts'
import { secretsOf } from './secrets.ts'
import { inTick } from './tick.ts'

/** The second argument of a function in the cloud (Cloud Functions, context). */
interface Context {
  readonly requestId: string
  readonly functionName?: string
  readonly functionVersion?: string
  readonly memoryLimitInMB?: string
  getRemainingTimeInMillis(): number
}

export type CloudHandler = (event: unknown, context: Context) => Promise<unknown>

/** A function of the cloud: what turns its events into runs. */
export interface CloudFunction<Settings extends z.ZodObject = z.ZodObject, Opened = unknown> {
  /** As serverless.yml has it. */
  readonly name: string
  /** What it reads from its environment. */
  readonly settings: Settings
  /** Time for one call; what is not done by then is left to the next one. */
  readonly budgetMs: number
  /** Puts together what all calls of an instance share, once; connects nothing. */
  open(ports: Ports, config: z.output<Settings>): Opened
  /** One call. The signal aborts when its time is used up. What is thrown makes the trigger deliver again. */
  call(opened: Opened, event: unknown, signal: AbortSignal): Promise<unknown>
}

/** Not to be used up: time for the last commit and for the answer. */
const marginMs = 10_000

/** The function as the cloud calls it: settings read and ports opened at the first call, and kept while the instance lives. */
export function cloudHandler<Settings extends z.ZodObject, Opened>(
  fn: CloudFunction<Settings, Opened>,
): CloudHandler {
  let instance: Instance<Opened> | undefined
  return handlerOf(
    fn,
    () => {
      instance ??= instanceOf(fn)
      return instance
    },
    new AbortController().signal,
  )
}

/** The same function over ports that are given, for the local cloud and tests; `stop` ends its calls early. */
export function handlerOver<Settings extends z.ZodObject, Opened>(
  fn: CloudFunction<Settings, Opened>,
  env: Environment,
  ports: Ports,
  stop: AbortSignal,
): CloudHandler {
  const instance = instanceOf(fn, env, ports)
  return handlerOf(fn, () => instance, stop)
}

interface Instance<Opened> {
  readonly ports: Ports
  readonly opened: Opened
}

function instanceOf<Settings extends z.ZodObject, Opened>(
  fn: CloudFunction<Settings, Opened>,
  env?: Environment,
  given?: Ports,
): Instance<Opened> {
  const config = readConfig(fn.name, fn.settings, env)
  const ports = given ?? portsOf(fn, config)
  return { ports, opened: fn.open(ports, config) }
}

/** The real ports of a function with these settings. */
export const portsOf = <Settings extends z.ZodObject>(
  fn: Pick<CloudFunction<Settings>, 'name' | 'settings'>,
  config: z.output<Settings>,
): Ports => openPorts(fn.name, config as never, secretsOf(fn.settings, config))

function handlerOf<Settings extends z.ZodObject, Opened>(
  fn: CloudFunction<Settings, Opened>,
  instance: () => Instance<Opened>,
  stop: AbortSignal,
): CloudHandler {
  let isCold = true
  const handler = middy<unknown, unknown, Error, never>((event: unknown, given: never) => {
    const context = given as Context
    const { ports, opened } = instance()
    const invocation = { ...context, isCold }
    isCold = false
    const left = context.getRemainingTimeInMillis() - marginMs
    return within(Math.min(fn.budgetMs, left), stop, (signal) =>
      inTick(fn.name, event, ports, () => fn.call(opened, event, signal), invocation),
    )
  })
  return (event, context) => handler(event, context as never)
}
