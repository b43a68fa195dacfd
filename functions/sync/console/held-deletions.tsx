import { counted } from '../words.ts'
import { Act, Card, Empty, Shown, Time } from './parts.tsx'
import type { HeldDeletions } from './types.ts'
import { useApi } from './use-api.ts'

/** Posts that are not found any more, too many of an account at once to believe it without a person. */
export function HeldDeletionsCard({ done }: { readonly done: (text: string) => void }) {
  const asked = useApi<{ items: HeldDeletions[] }>('/v1/held-deletions', 5_000)
  return (
    <Card title="Held deletions">
      <p class="quiet">
        More than a quarter of an account's posts, and at least 20, were not found within a day. They stay as
        they are until you confirm that they are deleted; those that are found again come back by themselves.
      </p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>No deletion is held.</Empty>
          ) : (
            <ul class="plain">
              {items.map(({ account_id, platform, handle, posts, since }) => (
                <li key={account_id}>
                  <a href={`#/accounts/${account_id}`}>
                    {platform} {handle ?? account_id}
                  </a>
                  : {counted(posts, 'post')}, since <Time at={since} />
                  <div class="actions">
                    <Act
                      method="POST"
                      path="/v1/held-deletions/confirm"
                      body={{ account_id }}
                      confirm={`Mark ${counted(posts, 'post')} of ${handle ?? account_id} as deleted?`}
                      onDone={({ deleted }: { readonly deleted: number }) => {
                        done(`${counted(deleted, 'post')} marked as deleted.`)
                        asked.again()
                      }}
                    >
                      Confirm
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
