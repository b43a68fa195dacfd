// Calls maintain once, which brings the schema forward, and sees that it is the one that was just deployed. Whatever is
// not right stops the apply. The token is that of terraform.
import { execFileSync } from 'node:child_process'

const { FUNCTION_ID, RELEASE } = process.env
const token = process.env.YC_TOKEN ?? execFileSync('yc', ['iam', 'create-token'], { encoding: 'utf8' }).trim()
const address = `https://functions.yandexcloud.net/${FUNCTION_ID}?integration=raw`
const attempts = 5
const pauseMs = 15_000

// Roles that were just given take a moment to hold.
for (let attempt = 1; ; attempt += 1) {
  const { isWell, text } = await call()
  if (isWell) {
    process.stdout.write(`${text}\n`)
    break
  }
  if (attempt === attempts) {
    process.stderr.write(`the schema could not be brought forward: ${text}\n`)
    process.exit(1)
  }
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
}

async function call() {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"messages": []}',
    })
    const text = await answer.text()
    if (!answer.ok) return { isWell: false, text: `${answer.status} ${text}` }
    const { release } = JSON.parse(text)
    return {
      isWell: release === RELEASE,
      text: release === RELEASE ? text : `it is still release ${release}`,
    }
  } catch (error) {
    return { isWell: false, text: String(error) }
  }
}
