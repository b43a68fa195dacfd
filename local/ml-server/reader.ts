import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { simulatedMl } from '../cloud.ts'
import type { Options } from '../options.ts'
import type { Start } from '../start.ts'
import { type MlServer, startMlServer } from './start.ts'

/** Who does the jobs: the simulated provider, and with `--ml local` the one that really looks. */
export function mlEnv({ 'ml-all': isAll }: Options, reader: MlServer | undefined): Record<string, string> {
  // Otherwise reading would take half of the time that the world takes to go by.
  const rules = isAll ? [] : [{ kinds: ['image_text'], newest_posts: 5 }]
  const ML_RULES = JSON.stringify(rules)
  if (!reader)
    return {
      ML_RULES,
      ML_PROVIDERS: simulatedMl({
        models: { text: 'text-v1', image: 'image-v1', image_text: 'reader-v1' },
        usd: 0.001,
      }),
    }
  const real = { name: 'reader', url: reader.url, models: { text: 'words-v1', image_text: 'reader-v1' } }
  const [simulated] = JSON.parse(simulatedMl({ models: { image: 'image-v1' } })) as object[]
  const rates = { submits_per_minute: 30_000, asks_per_minute: 6_000 }
  return { ML_RULES, ML_PROVIDERS: JSON.stringify([simulated, { ...real, ...rates }]) }
}

/** The provider that really looks, where it is asked for. */
export async function openReader({ options, folder, screen, closers }: Start): Promise<MlServer | undefined> {
  if (options.ml !== 'local') return undefined
  const data = join(folder, 'ml-server-jobs.db')
  if (options.fresh) for (const end of ['', '-wal', '-shm']) rmSync(`${data}${end}`, { force: true })
  const reader = await startMlServer({ data, say: (line) => screen.say(line) })
  closers.lastly(() => reader.close())
  screen.say(
    options['ml-all']
      ? 'ml-server reads texts and all pictures, at half a second each'
      : 'ml-server reads texts, and the five newest pictures of each account; --ml-all: all',
  )
  return reader
}
