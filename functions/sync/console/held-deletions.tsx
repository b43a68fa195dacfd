import { t } from './language.ts'
import { Act, Card, Empty, Shown, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { HeldDeletions } from './types.ts'
import { useApi } from './use-api.ts'

const postsOf = (count: number) => t('work.postsOf', { count })

/** Posts that are not found any more, too many of an account at once to believe it without a person. */
export function HeldDeletionsCard({ done }: { readonly done: (text: string) => void }) {
  const asked = useApi<{ items: HeldDeletions[] }>('/v1/held-deletions', 5_000)
  return (
    <Card title={t('repair.held')}>
      <p class="quiet">{t('repair.heldIs')}</p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('repair.noHeld')}</Empty>
          ) : (
            <ul class="plain">
              {items.map(({ account_id, platform, handle, posts, since }) => (
                <li key={account_id}>
                  <a href={`#/followed/${account_id}`}>
                    {titleOf(platform)} {handle ?? account_id}
                  </a>
                  : {postsOf(posts)}, {t('repair.since')} <Time at={since} />
                  <div class="actions">
                    <Act
                      method="POST"
                      path="/v1/held-deletions/confirm"
                      body={{ account_id }}
                      confirm={t('repair.confirmAsk', { posts: postsOf(posts), name: handle ?? account_id })}
                      onDone={({ deleted }: { readonly deleted: number }) => {
                        done(t('repair.marked', { posts: postsOf(deleted) }))
                        asked.again()
                      }}
                    >
                      {t('repair.confirm')}
                    </Act>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Card>
  )
}
