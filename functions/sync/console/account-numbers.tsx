import { useQuery } from './address.ts'
import { BestPosts } from './best-posts.tsx'
import { Numbers } from './brand.tsx'
import { RangePicker, rangeIn } from './days.tsx'
import { t } from './language.ts'
import { Empty, Heading, Shown } from './parts.tsx'
import { Picture } from './picture.tsx'
import { titleOf } from './platforms.ts'
import type { AccountNumbers, List } from './types.ts'
import { useApi } from './use-api.ts'

/** One account with its numbers and its best posts; its schedule and syncs are one step behind. */
export function AccountNumbersPage({ id }: { readonly id: string }) {
  const [query, change] = useQuery()
  const range = rangeIn(query)
  const asked = useApi<List<AccountNumbers>>(
    `/v1/report/accounts?${new URLSearchParams({ ids: id, ...range })}`,
    30_000,
  )
  const account = asked.data?.items[0]
  return (
    <>
      <Heading
        text={account ? `@${account.account}` : t('people.account')}
        aside={account && [account.display_name, titleOf(account.platform)].filter(Boolean).join(', ')}
      />
      <div class="actions">
        {account && <Picture src={account.avatar} alt={`@${account.account}`} kind="avatar" />}
        <RangePicker query={query} change={change} />
        <a class="button" href={`#/followed/${id}`}>
          {t('people.accountWork')}
        </a>
      </div>
      <Shown of={asked}>
        {({ items: [found] }) => (found ? <Numbers of={found} /> : <Empty>{t('people.unfollowed')}</Empty>)}
      </Shown>
      <BestPosts query={{ account_id: id, ...range }} limit={5} />
    </>
  )
}
