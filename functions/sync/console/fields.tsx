import { Card, count, Empty, Shown, Time } from './parts.tsx'
import type { TroubledField } from './types.ts'
import { useApi } from './use-api.ts'

/** Fields of accepted records that came in a form that the platform does not document. */
export function FieldsCard() {
  const asked = useApi<{ items: TroubledField[] }>('/v1/record-issues')
  return (
    <Card title="Fields in a strange form">
      <p class="quiet">
        Their records are kept. A value that is merely new is kept as it came; any other is empty in the rows.
      </p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>Every field is as its platform documents it.</Empty>
          ) : (
            <ul class="plain">
              {items.map((field) => (
                <li key={`${field.platform} ${field.endpoint} ${field.field} ${field.code}`}>
                  {field.platform} {field.endpoint}, {field.field}: {count(field.records)}, the newest{' '}
                  <Time at={field.last_at} />
                  <div class="warning">
                    {field.message}: <code>{field.sample}</code>
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
