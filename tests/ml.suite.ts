import { expect, test } from 'vitest'
import { type Checked, checks, openChecked } from '../local/ml-check/checks.ts'

/**
 * What every ML provider over HTTP holds to; `npm run ml:check` asks the same of any server.
 * @param lacks names of checks that this one does not pass, since it leaves the call out
 */
export function mlSuite(name: string, open: () => Promise<Checked>, lacks: readonly string[] = []): void {
  test.for(checks)(`${name}: $name`, async (check) => {
    const has = await check.run(openChecked(await open()))
    expect(has).toBe(!lacks.includes(check.name))
    if (!has) expect(check.without).toBeDefined()
  })
}

export const optional = checks.flatMap(({ name, without }) => (without === undefined ? [] : [name]))
