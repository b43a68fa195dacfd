import { named, t } from './language.ts'
import { count } from './measures.tsx'
import { Card, Heading, Shown } from './parts.tsx'
import type { Violation } from './types.ts'
import { useApi } from './use-api.ts'

/** Every invariant of the ledger, checked when a person asks. */
export function ChecksPage() {
  const checks = useApi<{ ok: boolean; invariants: string[]; findings: Violation[] }>('/v1/verify')
  return (
    <>
      <Heading text={t('repair.checks')} />
      <p class="quiet">{t('repair.checksIs')}</p>
      <Card
        title={t('repair.invariants')}
        aside={
          <button type="button" onClick={checks.again}>
            {t('repair.checkAgain')}
          </button>
        }
      >
        <Shown of={checks}>
          {({ ok, invariants, findings }) => (
            <>
              {ok && <p role="status">{t('repair.allHold')}</p>}
              <ul class="plain">
                {findings.map(({ name, count: violations, sample }) => (
                  <li key={name}>
                    <span class="state bad">
                      {violations === null ? t('repair.noTime') : count(violations)}
                    </span>{' '}
                    {named('invariants', name)}
                    <ul class="quiet">
                      {sample.map(({ id, what }) => (
                        <li key={id}>
                          {id} {what}
                        </li>
                      ))}
                    </ul>
                  </li>
                ))}
                {invariants
                  .filter((name) => !findings.some((finding) => finding.name === name))
                  .map((name) => (
                    <li key={name}>
                      <span class="state good">{t('repair.holds')}</span> {named('invariants', name)}
                    </li>
                  ))}
              </ul>
            </>
          )}
        </Shown>
      </Card>
    </>
  )
}
