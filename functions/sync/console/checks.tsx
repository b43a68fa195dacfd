import { Card, count, Heading, Shown } from './parts.tsx'
import type { Violation } from './types.ts'
import { useApi } from './use-api.ts'

/** Every invariant of the ledger, checked when a person asks. */
export function ChecksPage() {
  const checks = useApi<{ ok: boolean; invariants: string[]; findings: Violation[] }>('/v1/verify')
  return (
    <>
      <Heading text="Checks" />
      <p class="quiet">
        Nothing lost, nothing doubled, no quota overspent: each invariant is a query over your rows, run now.
      </p>
      <Card
        title="Invariants"
        aside={
          <button type="button" onClick={checks.again}>
            Check again
          </button>
        }
      >
        <Shown of={checks}>
          {({ ok, invariants, findings }) => (
            <>
              {ok && <p role="status">All invariants hold.</p>}
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
                {invariants
                  .filter((name) => !findings.some((finding) => finding.name === name))
                  .map((name) => (
                    <li key={name}>
                      <span class="state good">holds</span> {name}
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
