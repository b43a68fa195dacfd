import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { Platform } from '#shared/model/account.ts'
import { UserError } from '../user-error.ts'
import type { Observation } from './world.ts'

/** The observations of a recorded dataset: one JSON object a line, gzip, a file per platform. */
export async function readDataset(folder: string, platforms: readonly Platform[]): Promise<Observation[]> {
  const observations: Observation[] = []
  for (const platform of platforms) {
    const path = join(folder, `${platform}.jsonl.gz`)
    if (!existsSync(path)) throw new UserError(`there is no ${platform}.jsonl.gz in ${folder}`)
    // Lines end at \n only: the data hold other characters that line readers take for an end.
    let rest = ''
    for await (const chunk of createReadStream(path).pipe(createGunzip()).setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) observations.push(JSON.parse(line))
    }
    if (rest !== '') observations.push(JSON.parse(rest))
  }
  return observations
}
