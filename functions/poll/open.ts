import type { StageConfig } from '#shared/runtime/config.ts'
import { type Ml, openMl } from '#shared/runtime/ml.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { PollDeps } from './run.ts'

/**
 * What completing ML jobs takes, of ports and settings.
 * @param askMs time for asking when jobs are to be sent as well
 * @param ml the providers, where other stages of the process use them too
 */
export function openPoll(
  ports: Ports,
  config: StageConfig<'poll'>,
  askMs: number,
  ml: Ml = openMl(ports, config),
): PollDeps {
  const { db, log, random } = ports
  const { askers, routes } = ml
  return { db, log, random, askers, routes, askMs }
}
