import router from '@middy/http-router'
import * as z from 'zod'
import type { Scope } from '#shared/db/tables/api-keys.ts'
import { StoreAway } from '#shared/errors.ts'
import { HttpEvent } from '#shared/http/http-event.ts'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import { within } from '#shared/within.ts'
import { type Caller, callerOf, limitRate, presentedKey, requireAll, requireScope } from './caller.ts'
import { consoleFile } from './console-files.ts'
import type { ApiDeps } from './deps.ts'
import { openapi } from './openapi.ts'
import { accountRoutes } from './routes/accounts.ts'
import { alertRoutes } from './routes/alerts.ts'
import { annotateRoutes } from './routes/annotate.ts'
import { brandRoutes } from './routes/brands.ts'
import { checkRoutes } from './routes/checks.ts'
import { clientRoutes } from './routes/clients.ts'
import { connectRoutes } from './routes/connect.ts'
import { connectPages } from './routes/connect-pages.ts'
import { credentialRoutes } from './routes/credentials.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { followRoutes } from './routes/follow.ts'
import { keyRoutes } from './routes/keys.ts'
import { mlRoutes } from './routes/ml.ts'
import { callbackRoute } from './routes/ml-callbacks.ts'
import { numbersRoutes } from './routes/numbers.ts'
import { overviewRoutes } from './routes/overview.ts'
import { parkedRoutes } from './routes/parked.ts'
import { pictureRoute } from './routes/pictures.ts'
import { planRoutes } from './routes/plan.ts'
import { postRoutes } from './routes/posts.ts'
import { recordRoutes } from './routes/records.ts'
import { type CallContext, type Route, route } from './routes/route.ts'
import { syncRoutes } from './routes/syncs.ts'
import { timelineRoutes } from './routes/timeline.ts'
import { whyRoutes } from './routes/why.ts'

const described: readonly Route[] = [
  ...numbersRoutes,
  ...syncRoutes,
  ...accountRoutes,
  ...followRoutes,
  ...clientRoutes,
  ...erasureRoutes,
  ...credentialRoutes,
  ...connectRoutes,
  ...planRoutes,
  ...parkedRoutes,
  ...recordRoutes,
  ...timelineRoutes,
  ...postRoutes,
  ...whyRoutes,
  ...mlRoutes,
  ...annotateRoutes,
  ...brandRoutes,
  ...overviewRoutes,
  ...checkRoutes,
  ...alertRoutes,
  ...keyRoutes,
]

/** The API as the cloud's API Gateway reads it. */
export const gatewayDocument = (): object =>
  openapi(
    // A colon is none of its signs; terraform leads such calls here by a path of its own.
    described.filter(({ path }) => !path.includes(':')),
    '3.0.3',
  )

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
  pictureRoute,
  ...connectPages,
  callbackRoute,
]

/** Where others than holders of keys call: ML providers, platforms, browsers that come back from them. */
const isOpen = /^\/v1\/(?:ml-callbacks\/|connect\/[a-z]+\/(?:callback|deauthorize|deletion)$)/

/** Under /v1 the key is checked first: without a key, an unknown address gets 401, not 404. */
async function knownCaller(request: HttpEvent, api: ApiDeps): Promise<Caller> {
  if (!request.path.startsWith('/v1') || isOpen.test(request.path)) return anyone
  const key = await presentedKey(request, api)
  await limitRate(key, api)
  return callerOf(key, api)
}

const anyone: Caller = { name: 'anyone', keyId: null, scopes: [], reach: [] }

const dispatcher = (context: CallContext) =>
  router({
    routes: routes.map(({ method, path, scope, isForClients, handle }) => ({
      method,
      path,
      handler: (request: unknown) => {
        if (scope !== 'open') requireScope(context.caller, scope)
        if (scope !== 'open' && !isForClients) requireAll(context.caller)
        return handle(HttpEvent.parse(request), context)
      },
    })),
    notFoundResponse: () => {
      throw new Problem(404, 'not_found', 'there is nothing at this address')
    },
  }) as unknown as (event: unknown, context: unknown) => Promise<object>

/** Whether a key reaches so far; for pages that are served beside the API. */
export async function isKeyOf(key: string, api: ApiDeps, scope: Scope): Promise<boolean> {
  try {
    const request = HttpEvent.parse({ httpMethod: 'GET', headers: { 'x-api-key': key } })
    requireScope(await callerOf(await presentedKey(request, api), api), scope)
    return true
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

const storeAway = new Problem(503, 'store_away', 'raw answers cannot be reached at the moment', [], {
  'retry-after': '60',
})

/** Time for one request, of which a fifth is left for its answer. */
export const budgetMs = 20_000

/** Answers one request, in the form in which API Gateway hands it over; what fails is a problem+json. */
export async function serve(api: ApiDeps, event: unknown, signal: AbortSignal): Promise<object> {
  try {
    const request = HttpEvent.parse(event)
    const file = consoleFile(request, api.settings)
    if (file) return file
    const caller = await knownCaller(request, api)
    return await within(0.8 * budgetMs, signal, (share) =>
      dispatcher({ ...api, signal: share, caller })(request, {}),
    )
  } catch (error) {
    if (!(error instanceof Problem)) api.log.error({ error }, 'a request failed')
    return problemResponse(error instanceof StoreAway ? storeAway : error)
  }
}
