import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Tool, tools, toolsFolder } from './tools.ts'

const help = `npm run tools [-- <tool>…] [--again]
  Builds, with Go and Python, programs that some tests use where they are at hand, into ${toolsFolder()}:
${tools.map(({ name, use, minutes }) => `    ${name.padEnd(20)} ${use} (${minutes} min)`).join('\n')}
  --again: builds also what is there.`

const say = (line: string) => process.stdout.write(`${line}\n`)

const { values, positionals } = parseArgs({
  options: {
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !tools.some((tool) => tool.name === name))
if (values.help || unknown.length > 0) {
  say(unknown.length > 0 ? `there is no tool ${unknown.join(', ')}\n${help}` : help)
  process.exit(values.help ? 0 : 2)
}
mkdirSync(toolsFolder(), { recursive: true })
const failed = tools
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  .filter((one) => !build(one))
if (failed.length > 0) {
  say(`not built: ${failed.map(({ name }) => name).join(', ')}; tests that need them are skipped and say so`)
  process.exitCode = 1
}

/** Whether the tool is there now. */
function build({ name, version, minutes, script }: Tool): boolean {
  const out = join(toolsFolder(), name)
  if (existsSync(out) && !values.again) {
    say(`${name}: there`)
    return true
  }
  say(`${name} ${version}: about ${minutes} min …`)
  const folder = mkdtempSync(join(tmpdir(), 'social-sync-tool-'))
  try {
    rmSync(out, { recursive: true, force: true })
    execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        OUT: out,
        VERSION: version,
        HERE: import.meta.dirname,
        GOFLAGS: '-buildvcs=false',
      },
    })
    say(`${name}: built`)
    return true
  } catch {
    rmSync(out, { recursive: true, force: true })
    say(`${name}: failed`)
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
