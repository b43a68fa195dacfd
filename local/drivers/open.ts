import type { Environment } from '#shared/runtime/config.ts'
import { type CloudOptions, openCloud } from '../cloud.ts'
import type { Driven } from '../driven.ts'
import { openDriver } from './driver.ts'
import { type LocalServer, startRedis, startTemporal } from './servers.ts'

export type DriverName = 'functions' | 'flow' | 'temporal'

/** The product by this driver, with the servers that it takes unless the environment names them. */
export async function openDriven(
  name: DriverName,
  options: CloudOptions,
  given: Environment,
  say: (line: string) => void = () => undefined,
): Promise<Driven> {
  if (name === 'functions') return openCloud(options)
  const server = await serverFor(name, given)
  const env = { ...options.env, ...server.env }
  const driven = await openDriver({ ...options, env }, await orchestratorOf(name), say)
  if (server.own?.ui) say(`Temporal shows workflows on ${server.own.ui}`)
  return {
    ...driven,
    close: async () => {
      await driven.close()
      await server.own?.kill()
    },
  }
}

interface ServerOf {
  readonly own?: LocalServer
  readonly env: Readonly<Record<string, string>>
}

/** Loaded where it is used: what they bring is large. */
const orchestratorOf = async (name: 'flow' | 'temporal') =>
  name === 'flow'
    ? (await import('./flow.ts')).orchestrateByFlow
    : (await import('./temporal.ts')).orchestrateByTemporal

async function serverFor(name: 'flow' | 'temporal', given: Environment): Promise<ServerOf> {
  const named = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) =>
      value !== undefined && /^(TEMPORAL|REDIS|FLOW)_/.test(key) ? [[key, value]] : [],
    ),
  )
  const places = name === 'flow' ? ['REDIS_URL', 'FLOW_DATABASE_URL'] : ['TEMPORAL_ADDRESS']
  if (places.some((place) => named[place])) return { env: named }
  const own = await (name === 'flow' ? startRedis() : startTemporal())
  const setting =
    name === 'flow' ? { REDIS_URL: `redis://${own.address}` } : { TEMPORAL_ADDRESS: own.address }
  return { own, env: { ...named, ...setting } }
}
