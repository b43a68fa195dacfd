import { styleText } from 'node:util'
import * as z from 'zod'
import { applyReplay, previewReplay, type ReplayDiff } from '#functions/transform/replay.ts'
import { transformVersion } from '#functions/transform/step.ts'
import { hasMlJobs } from '#shared/db/operations/replay.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { settings } from '#shared/runtime/settings.ts'
import { UserError } from '../user-error.ts'
import { columns } from '../view/frame.ts'
import { databaseUrl } from './command.ts'

const Options = z.object({
  platform: z.enum(platformNames, `give one of ${platformNames.join(', ')}`).optional(),
  all: z.boolean().default(false),
  apply: z.boolean().default(false),
})
export type ReplayOptions = z.input<typeof Options>

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

/** The difference as JSON and as text; with `apply` the pages are set back. */
async function diffOf(options: z.infer<typeof Options>, db: Db): Promise<{ json: unknown; text: string }> {
  const filter = { platform: options.platform, before: options.all ? undefined : transformVersion }
  const models = {
    text: settings.ML_TEXT_MODEL.parse(process.env['ML_TEXT_MODEL']),
    image: settings.ML_IMAGE_MODEL.parse(process.env['ML_IMAGE_MODEL']),
  }
  const diff = await previewReplay(db, filter, (await hasMlJobs(db)) ? models : null)
  const changed = Object.fromEntries([...diff.changed].map(([field, keys]) => [field, keys.size]))
  const json = { ...diff, changed, made: diff.made.size, ml_jobs: diff.ml_jobs.size }
  const text = diffText(diff)
  if (!options.apply) return { json, text }
  const count = await applyReplay(db, filter)
  return { json: { ...json, set_back: count }, text: `${text}\n${setBack(count)}` }
}

const setBack = (count: number) => `${count} pages are set back; poll rings for them within two minutes`

/** Shows what the rules of now would make of stored answers. Throws a UserError without a database. */
export async function replay(given: ReplayOptions): Promise<{ json: unknown; text: string }> {
  const { success, data, error } = Options.safeParse(given)
  if (!success) throw new UserError(error.issues.map(({ message }) => message).join('; '))
  const db = openPool({ url: databaseUrl(), max: 1, ca: process.env['DATABASE_CA'] })
  try {
    return await diffOf(data, db)
  } finally {
    await db.end()
  }
}
