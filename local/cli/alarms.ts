import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import * as z from 'zod'
import { UserError } from '../user-error.ts'
import { Alarm, monitoringOf } from './monitoring.ts'
import { type Result, result } from './result.ts'
import type { Terminal } from './terminal.ts'

const Output = z.object({
  folder_id: z.string(),
  channels: z.array(z.string()),
  alarms: z.array(Alarm).min(1),
})

/** Makes the alarms of a stack, or brings them to what terraform says; alerts are no resource of its provider. */
export async function makeAlarms(terminal: Terminal): Promise<Result> {
  const { folder_id, channels, alarms } = outputOf(terminal)
  if (channels.length === 0)
    throw new UserError(
      'an alarm needs a channel: make one in the console (Monitoring, Alerts, Channels), name its id in `alarm_channels` of terraform.tfvars, and apply',
    )
  const monitoring = monitoringOf(terminal, folder_id)
  const kept = new Map((await monitoring.list()).map(({ name, id }) => [name, id]))
  const lines: string[] = []
  for (const alarm of alarms) {
    const id = kept.get(alarm.name)
    if (id === undefined) await monitoring.create(alarm, channels)
    else await monitoring.update(id, alarm, channels)
    lines.push(`${id === undefined ? 'made   ' : 'updated'} ${alarm.name}: ${alarm.description}`)
  }
  return result({ alarms: alarms.map(({ name }) => name) }, lines.join('\n'))
}

/** Checks that Monitoring has every alarm of the stack, none muted and each with a channel. Throws a UserError that names those that fail. */
export async function checkAlarms(terminal: Terminal): Promise<string> {
  const { folder_id, alarms } = outputOf(terminal)
  const kept = new Map((await monitoringOf(terminal, folder_id).list()).map((one) => [one.name, one]))
  const missing = alarms.filter(({ name }) => !kept.has(name)).map(({ name }) => name)
  if (missing.length > 0) throw new UserError(`no alarm ${missing.join(', ')}: npm run alarms`)
  const named = (isSo: (one: { status?: string | undefined; channels: readonly object[] }) => boolean) =>
    alarms.flatMap(({ name }) => (isSo(kept.get(name) ?? { channels: [] }) ? [name] : [])).join(', ')
  const muted = named(({ status }) => status === 'STATUS_INACTIVE')
  if (muted) throw new UserError(`muted: ${muted}; switch it on in the console (Monitoring, Alerts)`)
  const silent = named(({ channels }) => channels.length === 0)
  if (silent) throw new UserError(`without a channel: ${silent}; npm run alarms`)
  return `all ${alarms.length} alarms are there`
}

function outputOf({ folder, env }: Terminal): z.infer<typeof Output> {
  const args = [`-chdir=${join(folder, 'terraform')}`, 'output', '-json', 'alarms']
  let printed = ''
  try {
    printed = execFileSync('terraform', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env },
    })
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error)
    throw new UserError(
      `terraform does not say which alarms there are (smoke --no-alarms leaves them out): ${said.trim().slice(0, 300)}`,
    )
  }
  const parsed = Output.safeParse(JSON.parse(printed))
  if (!parsed.success)
    throw new UserError('the output `alarms` of terraform is of another release: apply first')
  return parsed.data
}
