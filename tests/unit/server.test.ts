import { expect, test } from 'vitest'
import { openServer } from '../../drivers/http/server.ts'

test('a server leaves the globals of its process as they are, and answers', async () => {
  const { Request, Response } = globalThis
  const server = await openServer(async () => ({ statusCode: 204 }), { host: '127.0.0.1', port: 0 })
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(204)
  await server.close()
  expect(globalThis).toMatchObject({ Request, Response })
})
