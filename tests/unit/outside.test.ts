import { expect, test } from 'vitest'
import { outsideFetch } from '#shared/alerts/outside.ts'
import { openReceiver } from '../setup/receivers.ts'

test.for([
  'http://127.0.0.1',
  'http://localhost',
  'http://[::1]',
  'http://[::ffff:127.0.0.1]',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1',
  'http://192.168.1.1',
  'http://100.64.0.1',
  'http://0.0.0.0',
  'http://2130706433',
])('nothing is sent to %s', async (address) => {
  const receiver = await openReceiver()
  const at = new URL(receiver.url)
  const url = new URL(address)
  url.port = at.port
  await expect(outsideFetch(false)(url.href, { method: 'POST', body: 'x' })).rejects.toThrow(/is not allowed/)
  expect(receiver.received).toEqual([])
})

test('an answer with a status that no answer may have is an error, and ends nothing', async () => {
  const receiver = await openReceiver(() => 999)
  await expect(outsideFetch(true)(receiver.url, { method: 'POST', body: 'x' })).rejects.toThrow(/status/)
})

test('where the settings say so, private addresses are told too, and redirects are not followed', async () => {
  const receiver = await openReceiver(() => 302)
  const answer = await outsideFetch(true)(receiver.url, { method: 'POST', body: 'x', headers: { a: 'b' } })
  expect(answer.status).toBe(302)
  expect(receiver.received).toMatchObject([{ body: 'x', headers: { a: 'b' } }])
})
