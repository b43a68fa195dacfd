import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Queue } from 'bullmq'
import { Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { csrf } from 'hono/csrf'

export const boardPath = '/flow'

/**
 * Bull Board over the queues. A browser asks for a name, which may be any, and a password, which is a key of the API.
 * @param isAllowed whether that key may do everything
 */
export function openBoard(queues: readonly Queue[], isAllowed: (key: string) => Promise<boolean>): Hono {
  const serverAdapter = new HonoAdapter(serveStatic).setBasePath(boardPath)
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'social-sync' } },
  })
  const app = new Hono()
  // Browsers send the key along with requests of other sites too.
  app.use('*', csrf())
  app.use('*', basicAuth({ realm: 'social-sync', verifyUser: (_name, key) => isAllowed(key) }))
  app.route('/', serverAdapter.registerPlugin())
  return app
}
