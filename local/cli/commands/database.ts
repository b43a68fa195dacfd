import type { Command } from '@commander-js/extra-typings'
import { platformNames } from '#shared/platforms/index.ts'
import type { Cli } from '../program.ts'

const environment = `
DATABASE_URL names the database (DATABASE_PASSWORD its password, if the address has none); without it the database of the
local cloud of this folder is used, which must be running.`

/** Commands that work on the database itself. */
export function databaseCommands(program: Command, { terminal, show }: Cli): void {
  program
    .command('replay')
    .description(
      'show what the present rules would change in rows made from stored answers; no platform is called',
    )
    .option('--apply', 'then process the pages again')
    .option('--platform <name>', `only this platform: ${platformNames.join(', ')}`)
    .option('--all', 'also pages that the present rules have processed')
    .addHelpText('after', environment)
    .action((options) => show(import('../replay-preview.ts').then(({ replay }) => replay(terminal, options))))
  program
    .command('import')
    .description('store answers of platforms from a file of JSON lines, plain or gzipped')
    .argument('<file>')
    .addHelpText('after', importHelp + environment)
    .action((file) => show(import('../import-file.ts').then(({ importFile }) => importFile(terminal, file))))
  program
    .command('backup')
    .description(
      'write all tables into a file, while the work goes on; needs pg_dump of the version of the server',
    )
    .argument('<file>')
    .addHelpText('after', environment)
    .action((file) => show(import('../backup.ts').then(({ backUp }) => backUp(terminal, file))))
  program
    .command('restore')
    .description(
      'put such a file into an empty database, bring it to this release, and check every invariant',
    )
    .argument('<file>')
    .addHelpText('after', environment)
    .action((file) => show(import('../backup.ts').then(({ restore }) => restore(terminal, file))))
}

const importHelp = `
Each line is {"platform", "handle" or "native_id", "endpoint", "fetched_at", "body"}: what the API of the platform answered
about one account at one time, the body as text. Importing a file again adds nothing. The running functions make the rows.

CREDENTIALS_KEY is the data key, by which erased accounts are recognised.
`
