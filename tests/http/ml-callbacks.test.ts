import { expect, test } from 'vitest'
import { sql } from '#shared/db/sql.ts'
import { isSigned, sign } from '#shared/ml/callback.ts'
import { httpProvider } from '#shared/ml/http-provider.ts'
import { openApi } from '../setup/api.ts'

const key = 'a key that the provider shares'
const body = JSON.stringify({ job_id: 'j1', status: 'done' })

/** A job at the provider `ocr`, to be asked about in an hour. */
async function openJob() {
  const { world, url } = await openApi({
    observations: [],
    env: { ML_CALLBACK_KEYS: JSON.stringify({ ocr: key, other: `${key} too` }) },
  })
  const { db, clock } = world
  await db.rows(sql`
    insert into ml_jobs (content_key, kind, model, provider, status, provider_job_id, submitted_at, next_at)
    values (md5('a')::uuid, 'image_text', 'm', 'ocr', 'submitted', 'j1', app_now(), app_now() + interval '1 hour')`)
  const post = async (
    at: Date,
    { text = body, provider = 'ocr', as = key, signature = sign(as, at, text) } = {},
  ) =>
    (
      await fetch(`${url}/v1/ml-callbacks/${provider}`, {
        method: 'POST',
        headers: { 'x-signature': signature, 'content-type': 'application/json' },
        body: text,
      })
    ).status
  const isDue = async () => {
    const [job] = await db.rows<{ due: boolean }>(sql`select next_at <= app_now() as due from ml_jobs`)
    return job?.due
  }
  return { post, isDue, now: () => clock.now() }
}

test('a provider that says that a job has ended is asked about it with the next tick, however often it says so', async () => {
  const { post, isDue, now } = await openJob()
  expect(await isDue()).toBe(false)
  expect([await post(now()), await post(now())]).toEqual([202, 202])
  expect(await isDue()).toBe(true)
})

test('a job that is not known yet, or is of another provider, is no error and changes nothing', async () => {
  const { post, isDue, now } = await openJob()
  expect(await post(now(), { text: JSON.stringify({ job_id: 'soon' }) })).toBe(202)
  expect(await post(now(), { provider: 'other', as: `${key} too` })).toBe(202)
  expect(await isDue()).toBe(false)
})

test.for([
  ['no signature', { signature: '' }],
  ['another key', { as: 'another key' }],
  ['the key of another provider', { as: `${key} too` }],
  ['a provider without a key', { provider: 'unknown' }],
  ['a provider of the name of a property', { provider: 'constructor' }],
  ['a body that was changed', { signature: sign(key, new Date(), '{}') }],
] as const)('a call with %s is refused', async ([, given]) => {
  const { post, isDue, now } = await openJob()
  expect(await post(now(), given)).toBe(401)
  expect(await isDue()).toBe(false)
})

test('a call that was signed more than five minutes ago, or ahead, is refused', async () => {
  const { post, isDue, now } = await openJob()
  // A call takes its time: what lies ahead comes nearer by it.
  for (const ms of [-301_000, 400_000]) expect(await post(new Date(now().getTime() + ms))).toBe(401)
  expect(await isDue()).toBe(false)
  expect(isSigned(key, sign(key, now(), body), body, new Date(now().getTime() + 299_000))).toBe(true)
})

test('a body that is none is refused with the field', async () => {
  const { post, now } = await openJob()
  expect(await post(now(), { text: '{"job": 1}' })).toBe(400)
})

test('jobs carry the address to call where the provider has a key', async () => {
  const sent: unknown[] = []
  const provider = httpProvider({
    fetch: async (_url, init) => {
      sent.push(JSON.parse(String(init.body)))
      return Response.json({ job_id: 'j' }, { status: 202 })
    },
    ...{
      baseUrl: 'https://ml.example',
      idempotent: true,
      callback: 'https://us.example/v1/ml-callbacks/ocr',
    },
  })
  const signal = new AbortController().signal
  await provider.submit(
    { key: 'k', kind: 'text', model: 'm', input: { text: 'a' }, traceparent: null },
    signal,
  )
  expect(sent).toMatchObject([
    { callback: { url: 'https://us.example/v1/ml-callbacks/ocr', events: ['done'] } },
  ])
})
