import * as z from 'zod'
import type { Platform } from '../model/account.ts'
import type { PlatformDefinition } from './definition.ts'
import type { PageRecords } from './platform.ts'
import { platforms } from './registry.ts'

const byName = new Map(platforms.map((platform) => [platform.name, platform]))

export const platformNames: readonly Platform[] = [...byName.keys()]

/** The name of a platform that is there. */
export const PlatformName = z.enum([...byName.keys()])

/** Throws for a name that no platform has: rows and settings have none of another. */
export function platformOf(name: Platform): PlatformDefinition {
  const platform = byName.get(name)
  if (!platform) throw new Error(`there is no platform ${name}`)
  return platform
}

/** A stored answer as records; needs no key. Throws a TerminalError when it cannot be read at all. */
export const readPage = (platform: Platform, endpoint: string, body: string): PageRecords =>
  platformOf(platform).read(endpoint, body)
