import { Card, count, Heading, Shown } from './parts.tsx'
import type { Violation } from './types.ts'
import { useAsked } from './use-asked.ts'

/** Every promise of the ledger, checked when somebody asks. */
export function ChecksPage() {
  const checks = useAsked<{ ok: boolean; promises: string[]; findings: Violation[] }>('/v1/verify')
  return (
    <>
      <Heading text="Checks" />
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
          {({ ok, promises, findings }) => (
            <>
              {ok && <p role="status">Every promise is kept.</p>}
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
                {promises
                  .filter((promise) => !findings.some(({ name }) => name === promise))
                  .map((promise) => (
                    <li key={promise}>
                      <span class="state good">kept</span> {promise}
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
