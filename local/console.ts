import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { platforms } from '#shared/platforms/registry.ts'
import { buildConsole } from '../functions/sync/console/build.ts'

/** Builds the console into the folder of a local cloud at each start; returns its path. */
export async function builtConsole(folder: string): Promise<string> {
  const built = join(folder, 'console')
  rmSync(built, { recursive: true, force: true })
  await buildConsole(built, platforms)
  return built
}

/** The address that opens the console with the key of a local cloud; the part after `#` is never sent anywhere. */
export const consoleUrl = (url: string, key: string): string => `${url}/#key=${key}`
