import type { Command } from '@commander-js/extra-typings'
import { Verified } from '#functions/sync/api/checks.ts'
import { columns, number } from '../../view/frame.ts'
import type { Client } from '../client.ts'
import { minutes } from '../minutes.ts'
import type { Cli } from '../program.ts'
import { type Result, result } from '../result.ts'

/** Commands about the stack itself. */
export function stackCommands(program: Command, { terminal, client, show }: Cli): void {
  program
    .command('verify')
    .description('check every invariant of the ledger')
    .action(() => show(verify(client)))
  program
    .command('smoke')
    .description(
      'check a deployed stack: health, one account from request to rows, every invariant, its alarms',
    )
    .argument('<url>')
    .option('--account <account>', 'the account that is synced', 'youtube:@YouTube')
    .option('--minutes <n>', 'how long to wait for its rows', minutes, 10)
    .option('--no-alarms', 'leave out the alarms, which need terraform and YC_TOKEN')
    .addHelpText('after', '\nSOCIAL_SYNC_API_KEY is the key of the stack.')
    .action((url, options) =>
      show(import('../check-stack.ts').then(({ checkStack }) => checkStack(terminal, url, options))),
    )
  program
    .command('alarms')
    .description(
      'make the alarms of a deployed stack in Yandex Monitoring, or bring them to what terraform says',
    )
    .addHelpText('after', '\nYC_TOKEN is a token of the cloud: export YC_TOKEN=$(yc iam create-token).')
    .action(() => show(import('../alarms.ts').then(({ makeAlarms }) => makeAlarms(terminal))))
  program
    .command('secrets')
    .description('write terraform/secrets.json: makes what can be made, keeps what is there')
    .action(() => show(import('../make-secrets.ts').then(({ makeSecrets }) => makeSecrets(terminal))))
}

async function verify(client: Client): Promise<Result> {
  const { ok, invariants, findings } = await client.ask('GET', '/v1/verify', Verified)
  const rows = findings.map(({ name, count, sample }) => [
    name,
    count === null ? 'no time left to check' : `${number(count)} violated`,
    sample.map(({ id, what }) => `${id} ${what}`).join(', '),
  ])
  return result({ ok, findings }, ok ? `all ${invariants.length} invariants hold` : columns(rows), ok)
}
