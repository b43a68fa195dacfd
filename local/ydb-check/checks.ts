import { deepEqual, equal } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { FarBodies, FarBody } from '#shared/model/far-bodies.ts'

/** What is asked of a store of raw answers, by a sentence about it. */
export const checks: readonly (readonly [what: string, check: (far: FarBodies) => Promise<void>])[] = [
  [
    'bodies are read as they were put, an empty one and other scripts too',
    async (far) => {
      const bodies = ['{"a": 1}', '', 'смузи 🥤'].map((text) => bodyOf(text))
      await far.put(bodies)
      await reads(far, bodies)
    },
  ],
  [
    'a body of seven megabytes that cannot be compressed is kept whole',
    async (far) => {
      const body = bodyOf(randomBytes(5_250_000).toString('base64'))
      await far.put([body])
      await reads(far, [body])
    },
  ],
  [
    'what is put twice is there once, as it was put last',
    async (far) => {
      const body = bodyOf('first')
      await far.put([body])
      const second = { ...body, body: Buffer.from('second') }
      await far.put([second])
      await reads(far, [second])
    },
  ],
  [
    'six hundred bodies go in and out, in several requests',
    async (far) => {
      const bodies = Array.from({ length: 600 }, (_, index) => bodyOf(`{"n": ${index}}`))
      await far.put(bodies)
      await reads(far, bodies)
      await far.remove(bodies.map(({ key }) => key))
      equal((await far.get(bodies.map(({ key }) => key))).size, 0)
    },
  ],
  [
    'what was never there is missing, and removing it twice does no harm',
    async (far) => {
      const { key } = bodyOf('')
      equal((await far.get([key])).size, 0)
      await far.remove([key])
      await far.remove([key])
    },
  ],
  [
    'the time of a body can be prolonged, and set to for good; one that is gone stays so',
    async (far) => {
      const body = bodyOf('x', new Date(Date.now() + 86_400_000))
      await far.put([body])
      await far.prolong([body.key], new Date(Date.now() + 2 * 86_400_000))
      await far.prolong([body.key], null)
      await reads(far, [body])
      await far.remove([body.key])
      await far.prolong([body.key], null)
      equal((await far.get([body.key])).size, 0)
    },
  ],
]

const bodyOf = (text: string, expiresAt: Date | null = null): FarBody => ({
  key: crypto.randomUUID(),
  body: Buffer.from(text),
  expiresAt,
})

async function reads(far: FarBodies, bodies: readonly FarBody[]): Promise<void> {
  const texts = await far.get(bodies.map(({ key }) => key))
  deepEqual(
    bodies.map(({ key }) => texts.get(key)),
    bodies.map(({ body }) => body.toString('utf8')),
  )
}
