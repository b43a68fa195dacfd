import { useState } from 'preact/hooks'
import { t } from './language.ts'
import { Shown } from './parts.tsx'
import { useApi } from './use-api.ts'

/** The beginning of an answer as it came, loaded when a person opens it. */
export function PageBody({ id }: { readonly id: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('work.pageAsCame', { id })}</summary>
      {isOpen && <Body id={id} />}
    </details>
  )
}

function Body({ id }: { readonly id: string }) {
  const asked = useApi<{ body: string }>(`/v1/pages/${id}/body`)
  return <Shown of={asked}>{({ body }) => <pre>{body}</pre>}</Shown>
}
