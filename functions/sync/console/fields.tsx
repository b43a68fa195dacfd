import { t, translated } from './language.ts'
import { count } from './measures.tsx'
import { Card, Empty, Shown, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { TroubledField } from './types.ts'
import { useApi } from './use-api.ts'

/** Fields of accepted records that came in a form that the platform does not document. */
export function FieldsCard() {
  const asked = useApi<{ items: TroubledField[] }>('/v1/record-issues')
  return (
    <Card title={t('repair.fields')}>
      <p class="quiet">{t('repair.fieldsIs')}</p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('repair.noFields')}</Empty>
          ) : (
            <ul class="plain">
              {items.map((field) => (
                <li key={`${field.platform} ${field.endpoint} ${field.field} ${field.code}`}>
                  {titleOf(field.platform)}, <code>{field.field}</code>: {count(field.records)},{' '}
                  {t('repair.newest')} <Time at={field.last_at} />
                  <div class="warning">
                    {translated(field.message)}: <code>{field.sample}</code>
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
