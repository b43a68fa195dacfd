import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programOf } from '../../local/cli/program.ts'
import { processTerminal } from '../../local/cli/terminal.ts'

const intro = `# The command line

Made from the code by \`npm run docs\`. \`npx social-sync COMMAND --help\` shows the same; \`--json\` prints any answer as JSON.

| command | what it does | options |
| ------- | ------------ | ------- |
`

test('docs/commands.md has every command with its options', async () => {
  const { commands } = programOf(processTerminal(), () => {})
  const lines = commands.map((command) => {
    const parts = command.registeredArguments.map((argument) => {
      const name = argument.name().toUpperCase()
      return argument.required ? ` ${name}` : ` [${name}]`
    })
    const options = command.options.map(({ flags }) => `\`${flags}\``)
    return `| \`${command.name()}${parts.join('')}\` | ${command.description()} | ${options.join(', ')} |`
  })
  await expect(`${intro}${lines.join('\n')}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, '../../docs/commands.md'),
  )
})
