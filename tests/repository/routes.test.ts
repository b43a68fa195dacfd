import { join } from 'node:path'
import { expect, test } from 'vitest'
import { routes } from '#functions/sync/serve.ts'

const intro = `# Routes

Made from the code by \`npm run docs\`. Every route except those with scope open needs the header \`X-Api-Key\`; the scope is what the key must
reach. \`/openapi.json\` has the schemas of all requests and answers.

| route | scope | what it does |
| ----- | ----- | ------------ |
`

test('docs/routes.md has every route', async () => {
  const lines = routes
    .toSorted((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method))
    .map(({ method, path, scope, summary }) => `| \`${method} ${path}\` | ${scope} | ${summary} |`)
  await expect(`${intro}${lines.join('\n')}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, '../../docs/routes.md'),
  )
})
