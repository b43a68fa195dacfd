import { useState } from 'preact/hooks'
import { t } from './language.ts'
import { Act } from './parts.tsx'
import type { Account, Brand, Client, List } from './types.ts'
import { useApi } from './use-api.ts'

/** For whom an account is followed, whose it is, and the words to find it by. */
export function Owners({ account, again }: { readonly account: Account; readonly again: () => void }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      {[account.client ?? t('account.noClient'), account.brand ?? t('account.noBrand')].join(', ')}
      {account.tags.map((tag) => (
        <a key={tag} class="tag" href={`#/followed?tag=${encodeURIComponent(tag)}`}>
          {' '}
          {tag}
        </a>
      ))}{' '}
      <button type="button" class="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t('account.change')}
      </button>
      {isOpen && (
        <OwnersForm
          account={account}
          done={() => {
            setOpen(false)
            again()
          }}
        />
      )}
    </>
  )
}

function OwnersForm({ account, done }: { readonly account: Account; readonly done: () => void }) {
  const [client, setClient] = useState(account.client ?? '')
  const [brand, setBrand] = useState(account.brand ?? '')
  const [tags, setTags] = useState(account.tags.join(', '))
  const clients = useApi<List<Client>>('/v1/clients?limit=1000')
  const brands = useApi<List<Brand>>('/v1/brands?limit=1000&counts=false')
  const nameIn = (text: string) => text.trim() || null
  const body = {
    client: nameIn(client),
    brand: nameIn(brand),
    tags: tags.split(',').flatMap((tag) => tag.trim() || []),
  }
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <Field
        id="clients"
        label={t('numbers.client')}
        value={client}
        set={setClient}
        names={clients.data?.items}
      />
      <Field id="brands" label={t('numbers.brand')} value={brand} set={setBrand} names={brands.data?.items} />
      <Field id="tags" label={t('account.tags')} value={tags} set={setTags} names={[]} />
      <Act method="PATCH" path={`/v1/accounts/${account.id}`} body={body} kind="main" onDone={done}>
        {t('account.save')}
      </Act>
    </form>
  )
}

function Field(props: {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly set: (text: string) => void
  readonly names: readonly { readonly id: string; readonly name: string }[] | undefined
}) {
  const { id, label, value, set, names = [] } = props
  const list = `names-of-${id}`
  return (
    <label>
      {label}
      <input list={list} value={value} maxLength={500} onInput={(event) => set(event.currentTarget.value)} />
      <datalist id={list}>
        {names.map(({ id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
    </label>
  )
}
