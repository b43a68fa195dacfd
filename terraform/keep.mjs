// Before an upgrade: tags the versions of all functions that run now as `kept`, since the cloud deletes versions without a tag.
// To go back: terraform -chdir=terraform apply -var=function_tag=kept
import { execFileSync } from 'node:child_process'

const token = process.env.YC_TOKEN
if (!token) stop('YC_TOKEN is not set: export YC_TOKEN=$(yc iam create-token)')
const base = process.env.FUNCTIONS_URL ?? 'https://serverless-functions.api.cloud.yandex.net'
const tag = 'kept'

const current = output('function_tag')
if (current !== '$latest')
  stop(
    `triggers call the versions with the tag ${current}, not those that are newest: apply with function_tag = "$latest" first`,
  )
for (const [name, id] of Object.entries(output('functions'))) {
  const version = await ask('GET', `/functions/v1/versions:byTag?functionId=${id}&tag=%24latest`)
  await ask('POST', `/functions/v1/versions/${version.id}:setTag`, { tag })
  process.stdout.write(`${name}: version ${version.id} is ${tag}\n`)
}

/** What the last apply put out. */
function output(name) {
  try {
    const args = [`-chdir=${import.meta.dirname}`, 'output', '-json', name]
    return JSON.parse(
      execFileSync('terraform', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    )
  } catch (error) {
    return stop(`terraform does not say its output ${name}: ${String(error.stderr ?? error).trim()}`)
  }
}

async function ask(method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) stop(`${method} ${path.replace(/\?.*/, '')}: ${response.status} ${text.slice(0, 300)}`)
  return JSON.parse(text)
}

function stop(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
