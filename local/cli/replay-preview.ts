import { styleText } from 'node:util'
import * as z from 'zod'
import { applyReplay, previewReplay, type ReplayDiff } from '#functions/transform/replay-diff.ts'
import { transformVersion } from '#functions/transform/step.ts'
import { hasDyingPictures, kindsOfJobs } from '#shared/db/operations/replayable-pages.ts'
import { type Db, openPool } from '#shared/db/pool.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { bodiesOf } from '#shared/runtime/bodies.ts'
import { settings } from '#shared/runtime/settings.ts'
import { UserError } from '../user-error.ts'
import { columns } from '../view/frame.ts'
import { type Result, result } from './result.ts'
import { databaseUrl, type Terminal } from './terminal.ts'

const Options = z.object({
  platform: z.enum(platformNames, `give one of ${platformNames.join(', ')}`).optional(),
  all: z.boolean().default(false),
  apply: z.boolean().default(false),
})

const bodySettings = z.object({
  RAW_STORE: settings.RAW_STORE,
  YDB_URL: settings.YDB_URL,
})

const short = (value: unknown) => {
  const text = JSON.stringify(value) ?? ''
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function diffText(diff: ReplayDiff): string {
  const facts = [
    ['pages read again', String(diff.pages)],
    ['whose body is deleted', String(diff.bodiless)],
    ['that the present rules cannot read', String(diff.unreadable)],
    ['new posts and profiles', String(diff.made.size)],
    ['refused records', `${diff.quarantined.before} → ${diff.quarantined.after}`],
    ['new ML jobs, which may cost money', String(diff.ml_jobs.size)],
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

/** The difference; with `apply` the pages are processed again. */
async function diffOf({ env }: Terminal, options: z.infer<typeof Options>, db: Db): Promise<Result> {
  const filter = { platform: options.platform, before: options.all ? undefined : transformVersion }
  const planning = {
    kinds: await kindsOfJobs(db),
    rules: settings.ML_RULES.parse(env['ML_RULES']),
    isOutlasting: await hasDyingPictures(db),
  }
  const bodies = bodiesOf(bodySettings.parse(env), 25_000)
  const diff = await previewReplay(db, filter, planning, undefined, bodies).finally(() => bodies.close())
  const changed = Object.fromEntries([...diff.changed].map(([field, keys]) => [field, keys.size]))
  const json = { ...diff, changed, made: diff.made.size, ml_jobs: diff.ml_jobs.size }
  const text = diffText(diff)
  if (!options.apply) return result(json, text)
  const count = await applyReplay(db, filter)
  return result({ ...json, set_back: count }, `${text}\n${setBack(count)}`)
}

const setBack = (count: number) =>
  `${count} pages will be processed again; poll starts that within two minutes`

/** What the present rules would change in rows made from stored answers. Throws a UserError without a database. */
export async function replay(terminal: Terminal, given: z.input<typeof Options>): Promise<Result> {
  const { success, data, error } = Options.safeParse(given)
  if (!success) throw new UserError(error.issues.map(({ message }) => message).join('; '))
  const db = openPool({ url: databaseUrl(terminal), max: 1, ca: terminal.env['DATABASE_CA'] })
  try {
    return await diffOf(terminal, data, db)
  } finally {
    await db.end()
  }
}
