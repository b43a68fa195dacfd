import type { PlatformDefinition } from './definition.ts'
import { instagram } from './instagram/index.ts'
import { tiktok } from './tiktok/index.ts'
import { youtube } from './youtube/index.ts'

/** Every platform there is, in the order in which people see them. */
export const platforms: readonly PlatformDefinition[] = [youtube, instagram, tiktok]
