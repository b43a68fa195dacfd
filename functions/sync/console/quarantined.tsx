import { PageBody } from './page-body.tsx'
import { Card, count, Empty, Shown, Time } from './parts.tsx'
import type { Quarantined } from './types.ts'
import { useApi } from './use-api.ts'

/** Records that validation refused, by their cause. */
export function QuarantinedCard() {
  const asked = useApi<{ items: Quarantined[] }>('/v1/quarantined')
  return (
    <Card title="Refused records">
      <p class="quiet">
        A record that breaks the rules is kept with its cause; the rest of its page was stored. There is
        nothing to do here: after a change of the rules, npm run replay reads all kept answers again.
      </p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>No record is refused.</Empty>
          ) : (
            <ul class="plain">
              {items.map((cause) => (
                <OneCause key={`${cause.platform} ${cause.endpoint} ${cause.cause}`} of={cause} />
              ))}
            </ul>
          )
        }
      </Shown>
    </Card>
  )
}

const OneCause = ({ of }: { readonly of: Quarantined }) => (
  <li>
    {of.platform} {of.endpoint}, {of.cause.replaceAll('_', ' ')}: {count(of.count)}, the newest{' '}
    <Time at={of.newest} />
    <div class="warning">
      {of.path}: {of.faults.join('; ')}
    </div>
    <PageBody id={of.sample} />
  </li>
)
