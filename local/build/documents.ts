import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewayDocument } from '#functions/sync/serve.ts'
import { functionOf } from '../functions.ts'

/** What terraform reads beside the archives: the API for its gateway, and the settings that each function reads. */
export function writeDocuments(folder: string, names: readonly string[]): void {
  const settings = Object.fromEntries(
    names.map((name) => [name, Object.keys(functionOf(name).settings.shape)]),
  )
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(gatewayDocument()))
}
