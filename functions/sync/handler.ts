import router from '@middy/http-router'
import * as z from 'zod'
import { HttpEvent, requireKey } from '#shared/http/http-event.ts'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import { accountRoutes } from './accounts-routes.ts'
import { ledgerRoutes } from './ledger-routes.ts'
import { openapi } from './openapi.ts'
import { type Route, route } from './route.ts'
import { syncRoutes } from './syncs-routes.ts'

export const budgetMs = 20_000

const described: readonly Route[] = [...syncRoutes, ...accountRoutes, ...ledgerRoutes]

/** Everything the API answers to, with the schemas of each. */
export const routes: readonly Route[] = [
  ...described,
  route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This API as an OpenAPI 3.1 document',
    isOpen: true,
    status: 200,
    answer: z.looseObject({ openapi: z.string() }),
    serve: async () => ({ openapi: '3.1.0', ...openapi(described) }),
  }),
]

const open = new Set(routes.flatMap(({ isOpen, path }) => (isOpen ? [path] : [])))

/**
 * The HTTP API. What an operator does: syncs, accounts, parked work, checks. Everything under /v1 wants a key; refusals
 * are problem+json.
 */
export const run: Run<'sync'> = async (ports, config, event, timeLeft) => {
  const dispatch = router({
    routes: routes.map(({ method, path, handle }) => ({
      method,
      path,
      handler: (request: unknown) => handle(HttpEvent.parse(request), { ports, config, timeLeft }),
    })),
    notFoundResponse: () => {
      throw new Problem(404, 'not_found', 'there is nothing at this address')
    },
  }) as unknown as (event: unknown, context: unknown) => Promise<object>
  try {
    const request = HttpEvent.parse(event)
    if (!open.has(request.path)) requireKey(request, config.API_KEY)
    return await dispatch(request, {})
  } catch (error) {
    if (!(error instanceof Problem)) ports.log.error({ error }, 'a request failed')
    return problemResponse(error)
  }
}

export const handler = cloudFunction('sync', budgetMs, run)
