import { createConfig, lintFromString } from '@redocly/openapi-core'
import { expect, test } from 'vitest'
import { openApi } from '../setup/api.ts'
import { fewAccounts } from '../setup/world.ts'

test('the OpenAPI document has no fault by the recommended rules of its linter', async () => {
  const { call } = await openApi({ observations: fewAccounts(1), platforms: [] })
  const { body } = await call('GET', '/openapi.json')
  const config = await createConfig({ extends: ['recommended-strict'] })
  const problems = await lintFromString({ source: JSON.stringify(body), config })
  // No caller is refused there: it answers 200, or 503 when the database is away.
  const known = (pointer: string | undefined) => pointer === '#/paths/~1health/get/responses'
  const faults = problems.filter(({ location }) => !known(location[0]?.pointer))
  expect(
    faults.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
  ).toEqual([])
})
