import { poolName as nameOf } from '#shared/language/pool-name.ts'
import { words } from './language.ts'
import { titleOf } from './platforms.ts'

/** What a limited right to call is, in words. */
export const poolName = (pool: string): string => nameOf(pool, words, titleOf)
