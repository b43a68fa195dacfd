import { Card, count, Shown } from './parts.tsx'
import type { Violation } from './types.ts'
import { useAsked } from './use-asked.ts'

/** Every promise of the ledger, checked when somebody asks. */
export function ChecksPage() {
  const checks = useAsked<{ ok: boolean; findings: Violation[] }>('/v1/verify')
  return (
    <>
      <h1 tabIndex={-1}>Checks</h1>
      <p class="quiet">
        Nothing lost, nothing doubled, no quota overspent: each promise is a query over your rows, run now.
      </p>
      <Card
        title="Promises"
        aside={
          <button type="button" onClick={checks.again}>
            Check again
          </button>
        }
      >
        <Shown of={checks}>
          {({ ok, findings }) => (
            <>
              {ok && (
                <p role="status">
                  <span class="state good">kept</span> Every promise is kept.
                </p>
              )}
              <ul class="plain">
                {findings.map(({ name, count: violations, sample }) => (
                  <li key={name}>
                    <span class="state bad">{violations === null ? 'no time' : count(violations)}</span>{' '}
                    {name}
                    <ul class="quiet">
                      {sample.map(({ id, what }) => (
                        <li key={id}>
                          {id} {what}
                        </li>
                      ))}
                    </ul>
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
