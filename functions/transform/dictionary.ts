import type { Queryable } from '#shared/db/pool.ts'
import { watchedHandles } from '#shared/db/tables/accounts.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Mention } from '#shared/model/post.ts'
import { platformOf } from '#shared/platforms/index.ts'
import { words } from '#shared/platforms/text/tags.ts'

/** The text of one post, and who wrote it. */
export interface NamingText {
  readonly post_id: string
  readonly account_id: string
  readonly text: string | null
}

/**
 * Mentions of accounts we follow that are named without @, where the platform writes them so: less sure than an @, hence a
 * source of their own. An account does not mention itself.
 */
export async function dictionaryMentions(
  tx: Queryable,
  platform: Platform,
  texts: readonly NamingText[],
): Promise<(Mention & { readonly post_id: string })[]> {
  const { text: rules } = platformOf(platform)
  if (!rules.namesWithoutSign) return []
  const found = texts.flatMap(({ text, ...of }) =>
    words(text ?? '', rules).map((word) => ({ ...of, ...word })),
  )
  if (found.length === 0) return []
  const watched = await watchedHandles(tx, platform, [
    ...new Set(found.map(({ handle_norm }) => handle_norm)),
  ])
  return found.flatMap(({ post_id, account_id, position, handle, handle_norm }) => {
    const owner = watched.get(handle_norm)
    if (owner === undefined || owner === account_id) return []
    return [{ post_id, source: 'dictionary' as const, position, handle, handle_norm }]
  })
}
