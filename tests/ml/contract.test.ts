import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../local/free-port.ts'
import { type Checked, checks, openChecked } from '../../local/ml-check/checks.ts'
import { contract } from '../../local/ml-check/contract.ts'
import type { MlSimulatorOptions } from '../../local/simulators/ml/job.ts'
import { openMl } from '../../local/simulators/ml/server.ts'
import { openPictures } from '../../local/simulators/pictures/server.ts'
import { openSimulator, type SimAnswer, type SimRequest } from '../../local/simulators/server.ts'
import { mlSuite, optional } from '../ml.suite.ts'

const project = join(import.meta.dirname, '../..')
const now = () => new Date()

async function openSimulated(
  kind: Checked['kind'],
  options: Partial<MlSimulatorOptions> = {},
): Promise<Checked> {
  const [simulator, pictures] = [
    await openMl({ now, durationMs: () => 0, fetches: true, ...options }),
    await openPictures({ now }),
  ]
  onTestFinished(async () => {
    await simulator.close()
    await pictures.close()
  })
  return { url: simulator.url, kind, picture: `${pictures.url}/i.ytimg.com/vi/a.jpg`, waitMs: 10_000 }
}

for (const kind of ['text', 'image', 'image_text'] as const)
  mlSuite(`the simulator, ${kind}`, () => openSimulated(kind))
mlSuite(
  'the simulator in its minimal form',
  () => openSimulated('text', { minimal: true }),
  optional.slice(0, 2),
)

/** The example of the docs, as a process. */
async function openExample(): Promise<Checked> {
  const port = await freePort()
  const server = spawn('python3', [join(project, 'docs/ml-provider.py'), String(port)], { stdio: 'ignore' })
  onTestFinished(() => void server.kill())
  const url = `http://127.0.0.1:${port}`
  for (let look = 0; look < 200; look += 1) {
    const isUp = await fetch(`${url}/jobs/x`).then(
      () => true,
      () => false,
    )
    if (isUp) break
    await after(25)
  }
  return { url, kind: 'text', picture: '', waitMs: 5_000 }
}
// The example is for those who have Python.
const hasPython = spawnSync('python3', ['--version']).status === 0
if (hasPython) mlSuite('the example in Python', openExample, optional.slice(1))
else test.skip('the example in Python passes: python3 is not at hand')

/** A provider that answers so, to each call. */
async function faulty(answer: (request: SimRequest) => SimAnswer): Promise<Checked> {
  const simulator = await openSimulator({ answer, named: {} })
  onTestFinished(() => simulator.close())
  return { url: simulator.url, kind: 'text', picture: '', waitMs: 50 }
}

const taken = { status: 202, body: { job_id: 'j' } }
const doneWith = (body: object) => (request: SimRequest) =>
  request.method === 'POST' ? taken : { status: 200, body: { job_id: 'j', status: 'done', ...body } }

test.for<[string, (request: SimRequest) => SimAnswer, RegExp]>([
  ['names no job', () => ({ status: 202, body: {} }), /job_id/],
  ['is never done', doneWith({ status: 'pending' }), /not done within/],
  ['ends as failed', doneWith({ state: 'failed', error: { code: 'x' } }), /ended as failed/],
  ['has no result', doneWith({}), /result\.items/],
  [
    'gives a score of 93',
    doneWith({ result: { items: [{ status: 'ok', brands: [{ brand: 'a', score: 93 }] }] } }),
    /score/,
  ],
  ['answers about another job', doneWith({ job_id: 'other' }), /job_id other/],
])('a provider that %s hears what is wrong', async ([, answer, message]) => {
  const [first] = checks
  await expect(first?.run(openChecked(await faulty(answer)))).rejects.toThrow(message)
})

test('docs/ml-openapi.json is the contract that providers are checked against', async () => {
  await expect(`${JSON.stringify(contract(), null, 2)}\n`).toMatchFileSnapshot(
    join(project, 'docs/ml-openapi.json'),
  )
})
