import { extractFunction } from '#functions/extract/handler.ts'
import { fn as maintain } from '#functions/maintain/handler.ts'
import { fn as poll } from '#functions/poll/handler.ts'
import { fn as sync } from '#functions/sync/handler.ts'
import { fn as transform } from '#functions/transform/handler.ts'
import { platforms } from '#shared/platforms/registry.ts'
import { type Environment, readConfig } from '#shared/runtime/config.ts'
import { type CloudFunction, type CloudHandler, handlerOver, portsOf } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { secretsOf } from '#shared/runtime/secrets.ts'

/** The functions that are deployed, by their names in serverless.yml. */
const functions: ReadonlyMap<string, CloudFunction> = new Map(
  [...platforms.map(extractFunction), transform, poll, sync, maintain].map((fn) => [
    fn.name,
    fn as CloudFunction,
  ]),
)

export const functionNames = [...functions.keys()]

export const functionOf = (name: string): CloudFunction => {
  const fn = functions.get(name)
  if (!fn) throw new Error(`there is no function ${name}`)
  return fn
}

export interface LocalFunction {
  readonly handler: CloudHandler
  readonly ports: Ports
}

/**
 * A function over its own ports, as an instance in the cloud would have them; `change` puts others in their place, and is
 * given the texts that no log may hold. `stop` ends its calls early, as if their time were used up.
 */
export function openFunction(
  name: string,
  env: Environment,
  stop: AbortSignal,
  change: (ports: Ports, secrets: readonly string[]) => Ports = (ports) => ports,
): LocalFunction {
  const fn = functionOf(name)
  const config = readConfig(name, fn.settings, env)
  const ports = change(portsOf(fn, config), secretsOf(fn.settings, config))
  return { handler: handlerOver(fn, env, ports, stop), ports }
}
