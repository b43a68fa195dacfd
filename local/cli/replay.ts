import { parseArgs, styleText } from 'node:util'
import * as z from 'zod'
import { applyReplay, previewReplay, type ReplayDiff } from '#functions/transform/replay.ts'
import { transformVersion } from '#functions/transform/step.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { hasMlJobs } from '#shared/db/replay.ts'
import { Platform } from '#shared/model/account.ts'
import { settings } from '#shared/runtime/settings.ts'
import { UserError } from '../user-error.ts'
import { columns } from '../view/frame.ts'
import { databaseUrl, runCommand } from './command.ts'

const help = `Reads stored answers again by the rules of now, without a call to any platform.

  npm run replay                    show what would change, and change nothing
  npm run replay -- --apply         show it, then set the pages back; the running functions do the rest

  --platform NAME   only this platform (youtube, instagram, tiktok)
  --all             also pages that were transformed by the rules of now
  --json            the difference as one JSON object
  --help            this text

  DATABASE_URL      the database; without it that of the local cloud, which must be running
`

const Options = z.object({
  platform: z.enum(Platform.options, 'give youtube, instagram or tiktok').optional(),
  all: z.boolean().default(false),
  apply: z.boolean().default(false),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
})

type Options = z.infer<typeof Options>

function readOptions(): Options {
  const flag = { type: 'boolean' } as const
  const options = { platform: { type: 'string' }, all: flag, apply: flag, json: flag, help: flag } as const
  const { success, data, error } = Options.safeParse(parseArgs({ options }).values)
  if (success) return data
  throw new UserError(error.issues.map(({ message }) => message).join('; '))
}

const short = (value: unknown) => {
  const text = JSON.stringify(value) ?? ''
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function diffText(diff: ReplayDiff): string {
  const facts = [
    ['pages read again', String(diff.pages)],
    ['without a body any more', String(diff.bodiless)],
    ['that cannot be read now', String(diff.unreadable)],
    ['new posts and profiles', String(diff.made.size)],
    ['refused records', `${diff.quarantined.before} → ${diff.quarantined.after}`],
    ['ML jobs to be paid for', String(diff.ml_jobs.size)],
  ]
  const fields = [...diff.changed]
    .sort(([, a], [, b]) => b.size - a.size)
    .map(([field, keys]) => [field, String(keys.size)])
  const examples = diff.examples.map(({ of, field, before, after }) => [
    of,
    field,
    `${short(before)} → ${short(after)}`,
  ])
  return [
    columns(facts),
    '',
    styleText('bold', fields.length > 0 ? '  Rows that would change' : '  No row would change'),
    ...(fields.length > 0
      ? [columns(fields, [1]), '', styleText('bold', '  For example'), columns(examples)]
      : []),
    '',
  ].join('\n')
}

/** Shows the difference, and with --apply sets the pages back. */
async function replay(options: Options, db: Db): Promise<void> {
  const filter = { platform: options.platform, before: options.all ? undefined : transformVersion }
  const models = {
    text: settings.ML_TEXT_MODEL.parse(process.env['ML_TEXT_MODEL']),
    image: settings.ML_IMAGE_MODEL.parse(process.env['ML_IMAGE_MODEL']),
  }
  const diff = await previewReplay(db, filter, (await hasMlJobs(db)) ? models : null)
  const changed = Object.fromEntries([...diff.changed].map(([field, keys]) => [field, keys.size]))
  const json = JSON.stringify({ ...diff, changed, made: diff.made.size, ml_jobs: diff.ml_jobs.size })
  process.stdout.write(options.json ? `${json}\n` : diffText(diff))
  if (!options.apply) return
  const count = await applyReplay(db, filter)
  process.stderr.write(`${count} pages are set back; poll rings for them within two minutes\n`)
}

async function main(): Promise<number> {
  const options = readOptions()
  if (options.help) {
    process.stdout.write(help)
    return 0
  }
  const db = openPool({ url: databaseUrl(), max: 1, ca: process.env['DATABASE_CA'] })
  try {
    await replay(options, db)
    return 0
  } finally {
    await db.end()
  }
}

await runCommand('npm run replay --', main)
