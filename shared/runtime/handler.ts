import middy from '@middy/core'
import { type Config, type Environment, type FunctionName, readConfig } from './config.ts'
import { openPorts, type Ports } from './ports.ts'

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

/**
 * A function as the cloud calls it: settings read and ports opened at the first call and kept while the instance
 * lives, a time budget, and one log line for a call that fails. What is thrown makes the trigger deliver again.
 */
export function cloudFunction<Name extends FunctionName>(
  name: Name,
  budgetMs: number,
  run: Run<Name>,
): CloudHandler {
  let opened: { config: Config<Name>; ports: Ports } | undefined
  return stack(budgetMs, (event, timeLeft) => {
    opened ??= openFromEnvironment(name)
    return run(opened.ports, opened.config, event, timeLeft)
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
  return stack(budgetMs, (event, timeLeft) => run(ports, config, event, timeLeft))
}

function openFromEnvironment<Name extends FunctionName>(name: Name) {
  const config = readConfig(name)
  return { config, ports: openPorts(name, config) }
}

function stack(
  budgetMs: number,
  call: (event: unknown, timeLeft: TimeLeft) => Promise<unknown>,
): CloudHandler {
  const handler = middy<unknown, unknown, Error, never>((event: unknown, context: never) => {
    const since = performance.now()
    const { getRemainingTimeInMillis } = context as Context
    return call(event, (share = 1) => {
      return performance.now() - since < budgetMs * share && getRemainingTimeInMillis.call(context) > marginMs
    })
  })
  return (event, context) => handler(event, context as never)
}
