import middy from '@middy/core'
import { type Config, type Environment, type FunctionName, readConfig } from './config.ts'
import { openPorts, type Ports } from './ports.ts'
import { inTick } from './tick.ts'

/** The second argument of a function in the cloud (yandex-cloud 1.3). */
interface Context {
  readonly requestId: string
  readonly functionName?: string
  getRemainingTimeInMillis(): number
}

/** Whether there is time left: of a share of the function's own budget, and before the platform's limit. */
export type TimeLeft = (share?: number) => boolean

/** What a function does, with everything it needs passed in. */
export type Run<Name extends FunctionName> = (
  ports: Ports,
  config: Config<Name>,
  event: unknown,
  timeLeft: TimeLeft,
) => Promise<unknown>

export type CloudHandler = (event: unknown, context: Context) => Promise<unknown>

/** Not to be used up: time for the last commit and for the answer. */
const marginMs = 10_000

interface Opened<Name extends FunctionName> {
  readonly config: Config<Name>
  readonly ports: Ports
}

/**
 * A function as the cloud calls it: settings read and ports opened at the first call and kept while the instance
 * lives, a time budget, and a span. What is thrown makes the trigger deliver again.
 */
export function cloudFunction<Name extends FunctionName>(
  name: Name,
  budgetMs: number,
  run: Run<Name>,
): CloudHandler {
  let opened: Opened<Name> | undefined
  return stack(name, budgetMs, run, () => {
    opened ??= openFromEnvironment(name)
    return opened
  })
}

/** The same function over ports that are given, for the local cloud and tests. */
export function functionOver<Name extends FunctionName>(
  name: Name,
  budgetMs: number,
  run: Run<Name>,
  env: Environment,
  ports: Ports,
): CloudHandler {
  const config = readConfig(name, env)
  return stack(name, budgetMs, run, () => ({ config, ports }))
}

function openFromEnvironment<Name extends FunctionName>(name: Name): Opened<Name> {
  const config = readConfig(name)
  return { config, ports: openPorts(name, config) }
}

function stack<Name extends FunctionName>(
  name: Name,
  budgetMs: number,
  run: Run<Name>,
  open: () => Opened<Name>,
): CloudHandler {
  const handler = middy<unknown, unknown, Error, never>((event: unknown, context: never) => {
    const since = performance.now()
    const { getRemainingTimeInMillis } = context as Context
    const { config, ports } = open()
    return inTick(name, event, ports, () =>
      run(ports, config, event, (share = 1) => {
        return (
          performance.now() - since < budgetMs * share && getRemainingTimeInMillis.call(context) > marginMs
        )
      }),
    )
  })
  return (event, context) => handler(event, context as never)
}
