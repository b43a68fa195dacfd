import { named, t, translated } from './language.ts'
import { count } from './measures.tsx'
import { PageBody } from './page-body.tsx'
import { Card, Empty, Shown, Time } from './parts.tsx'
import { titleOf } from './platforms.ts'
import type { Quarantined } from './types.ts'
import { useApi } from './use-api.ts'

/** Records that validation refused, by their cause. */
export function QuarantinedCard() {
  const asked = useApi<{ items: Quarantined[] }>('/v1/quarantined')
  return (
    <Card title={t('repair.refused')}>
      <p class="quiet">{t('repair.refusedIs')}</p>
      <Shown of={asked}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{t('repair.noRefused')}</Empty>
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
    {t('repair.causeOf', {
      platform: titleOf(of.platform),
      what: named('endpoints', of.endpoint.replaceAll('.', '_')),
      reason: named('causes', of.cause),
    })}
    , {count(of.count)}, {t('repair.newest')} <Time at={of.newest} />
    <div class="warning">
      {of.path}: {of.faults.map(translated).join('; ')}
    </div>
    <PageBody id={of.sample} />
  </li>
)
