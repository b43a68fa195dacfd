import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toolsFolder } from '../../local/tools/tools.ts'

const found = (command: string): boolean => {
  try {
    execFileSync(command, ['version'], { stdio: 'ignore', env: { ...process.env, CHECKPOINT_DISABLE: '1' } })
    return true
  } catch {
    return false
  }
}

export const hasTerraform = found('terraform')

/** Where providers lie that `npm run tools` has built, or that were put where terraform looks; TF_PLUGIN_FOLDER names another place. */
const pluginFolder =
  process.env['TF_PLUGIN_FOLDER'] ??
  [join(toolsFolder(), 'terraform-plugins'), join(homedir(), '.terraform.d/plugins')].find(existsSync) ??
  ''
const provider = 'registry.terraform.io/yandex-cloud/yandex/0.222.0'
export const hasProvider = hasTerraform && existsSync(join(pluginFolder, provider))

const newRelicFolder = join(toolsFolder(), 'newrelic-plugins')
export const hasNewRelicProvider = hasTerraform && existsSync(newRelicFolder)

const environment = () => {
  // Both are of the machine, and mislead terraform or the provider.
  const { TF_CLI_CONFIG_FILE: _file, AWS_CA_BUNDLE: _bundle, ...env } = process.env
  return { ...env, CHECKPOINT_DISABLE: '1', NO_COLOR: '1', YC_TOKEN: 'dummy', TF_IN_AUTOMATION: '1' }
}
const most = { maxBuffer: 100_000_000, encoding: 'utf8' } as const

/** Runs terraform in a folder, without a word to anybody outside; returns what it printed. */
export const terraform = (folder: string, args: readonly string[]): string =>
  execFileSync('terraform', args, { cwd: folder, stdio: 'pipe', env: environment(), ...most })

/** The same, while this process serves what the provider asks. */
export async function terraformServed(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const options = { cwd: folder, env: { ...environment(), ...env }, ...most }
  return (await promisify(execFile)('terraform', [...args], options)).stdout
}

/** Makes a provider known to a folder from the place where it was built. */
export const init = (folder: string, plugins: string = pluginFolder): string =>
  terraform(folder, ['init', '-backend=false', '-input=false', `-plugin-dir=${plugins}`])

export const initNewRelic = (folder: string): string => init(folder, newRelicFolder)
