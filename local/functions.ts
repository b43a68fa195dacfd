import * as extractInstagram from '#functions/extract/instagram/handler.ts'
import * as extractTiktok from '#functions/extract/tiktok/handler.ts'
import * as extractYoutube from '#functions/extract/youtube/handler.ts'
import * as maintain from '#functions/maintain/handler.ts'
import * as poll from '#functions/poll/handler.ts'
import * as sync from '#functions/sync/handler.ts'
import * as transform from '#functions/transform/handler.ts'
import type { Environment, FunctionName } from '#shared/runtime/config.ts'
import { readConfig } from '#shared/runtime/config.ts'
import { type CloudFunction, type CloudHandler, handlerOver } from '#shared/runtime/handler.ts'
import { openPorts, type Ports } from '#shared/runtime/ports.ts'

/** The functions that are deployed, by their names in serverless.yml. */
const modules: { readonly [Name in FunctionName]: { readonly fn: CloudFunction<Name, unknown> } } = {
  'extract-youtube': extractYoutube,
  'extract-instagram': extractInstagram,
  'extract-tiktok': extractTiktok,
  transform,
  poll,
  sync,
  maintain,
}

export const functionNames = Object.keys(modules) as FunctionName[]

export interface LocalFunction {
  readonly handler: CloudHandler
  readonly ports: Ports
}

/** A function over its own ports, as an instance in the cloud would have them; `change` puts others in their place. */
export function openFunction<Name extends FunctionName>(
  name: Name,
  env: Environment,
  change: (ports: Ports) => Ports = (ports) => ports,
): LocalFunction {
  const { fn } = modules[name]
  const ports = change(openPorts(name, readConfig(name, env)))
  return { handler: handlerOver(fn, env, ports), ports }
}
