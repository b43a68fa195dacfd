import router from '@middy/http-router'
import * as z from 'zod'
import { HttpEvent } from '#shared/http/http-event.ts'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import type { Config } from '#shared/runtime/config.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { accountRoutes } from './accounts-routes.ts'
import { type Caller, callerOf, limitRate, requireScope } from './caller.ts'
import { checkRoutes } from './checks-routes.ts'
import { consoleFile } from './console-files.ts'
import { keyRoutes } from './keys-routes.ts'
import { mlRoutes } from './ml-routes.ts'
import { openapi } from './openapi.ts'
import { overviewRoutes } from './overview-routes.ts'
import { parkedRoutes } from './parked-routes.ts'
import { planRoutes } from './plan-routes.ts'
import { postRoutes } from './posts-routes.ts'
import { recordRoutes } from './records-routes.ts'
import { type Route, route } from './route.ts'
import { syncRoutes } from './syncs-routes.ts'
import { timelineRoutes } from './timeline-routes.ts'
import { whyRoutes } from './why-routes.ts'

export const budgetMs = 20_000

const described: readonly Route[] = [
  ...syncRoutes,
  ...accountRoutes,
  ...planRoutes,
  ...parkedRoutes,
  ...recordRoutes,
  ...timelineRoutes,
  ...postRoutes,
  ...whyRoutes,
  ...mlRoutes,
  ...overviewRoutes,
  ...checkRoutes,
  ...keyRoutes,
]

/** The API as the cloud's API Gateway reads it. */
export const gatewayDocument = (): object => openapi(described, '3.0.3')

/** Everything the API answers to, with the schemas of each. */
export const routes: readonly Route[] = [
  ...described,
  route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This API as an OpenAPI 3.1 document',
    scope: 'open',
    status: 200,
    answer: z.looseObject({ openapi: z.string() }),
    serve: async () => ({ openapi: '3.1.0', ...openapi(described) }),
  }),
]

/** Whoever has no key is not told which addresses there are under /v1. */
async function knownCaller(request: HttpEvent, ports: Ports, config: Config<'sync'>): Promise<Caller> {
  if (!request.path.startsWith('/v1')) return nobody
  const caller = await callerOf(request, ports, config)
  await limitRate(caller, ports, config)
  return caller
}

const nobody: Caller = { name: 'nobody', scopes: [] }

/**
 * The HTTP API and the console over it. What an operator does: syncs, accounts, parked work, checks. Everything under /v1
 * wants a key; refusals are problem+json.
 */
export const run: Run<'sync'> = async (ports, config, event, timeLeft) => {
  const dispatch = (caller: Caller) =>
    router({
      routes: routes.map(({ method, path, scope, handle }) => ({
        method,
        path,
        handler: (request: unknown) => {
          if (scope !== 'open') requireScope(caller, scope)
          return handle(HttpEvent.parse(request), { ports, config, timeLeft, caller })
        },
      })),
      notFoundResponse: () => {
        throw new Problem(404, 'not_found', 'there is nothing at this address')
      },
    }) as unknown as (event: unknown, context: unknown) => Promise<object>
  try {
    const request = HttpEvent.parse(event)
    const file = consoleFile(request, config.CONSOLE_FOLDER)
    if (file) return file
    return await dispatch(await knownCaller(request, ports, config))(request, {})
  } catch (error) {
    if (!(error instanceof Problem)) ports.log.error({ error }, 'a request failed')
    return problemResponse(error)
  }
}

export const handler = cloudFunction('sync', budgetMs, run)
