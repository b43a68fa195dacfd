// Before an upgrade: tags the versions of all functions that run now as `kept`, since the cloud deletes versions without a tag.
// To go back: terraform -chdir=terraform apply -var=function_tag=kept
import { execFileSync } from 'node:child_process'

const token = process.env.YC_TOKEN
if (!token) stop('YC_TOKEN is not set: export YC_TOKEN=$(yc iam create-token)')
const base = process.env.FUNCTIONS_URL ?? 'https://serverless-functions.api.cloud.yandex.net'
const tag = 'kept'

for (const [name, id] of Object.entries(functions())) {
  const version = await ask('GET', `/functions/v1/versions:byTag?functionId=${id}&tag=%24latest`)
  await ask('POST', `/functions/v1/versions/${version.id}:setTag`, { tag })
  process.stdout.write(`${name}: version ${version.id} is ${tag}\n`)
}

/** Ids of the functions by their names, of the last apply. */
function functions() {
  try {
    const args = [`-chdir=${import.meta.dirname}`, 'output', '-json', 'functions']
    return JSON.parse(
      execFileSync('terraform', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    )
  } catch (error) {
    return stop(`terraform does not say which functions there are: ${String(error.stderr ?? error).trim()}`)
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
