import router from '@middy/http-router'
import * as z from 'zod'
import { HttpEvent } from '#shared/http/http-event.ts'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import { callsOf } from '#shared/runtime/calls.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { within } from '#shared/within.ts'
import { accountRoutes } from './accounts-routes.ts'
import { type Caller, callerOf, limitRate, requireScope } from './caller.ts'
import { checkRoutes } from './checks-routes.ts'
import { consoleFile } from './console-files.ts'
import type { ApiDeps } from './deps.ts'
import { keyRoutes } from './keys-routes.ts'
import { mlRoutes } from './ml-routes.ts'
import { openapi } from './openapi.ts'
import { overviewRoutes } from './overview-routes.ts'
import { parkedRoutes } from './parked-routes.ts'
import { planRoutes } from './plan-routes.ts'
import { postRoutes } from './posts-routes.ts'
import { recordRoutes } from './records-routes.ts'
import { type Route, route, type Served } from './route.ts'
import { syncRoutes } from './syncs-routes.ts'
import { timelineRoutes } from './timeline-routes.ts'
import { whyRoutes } from './why-routes.ts'

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

/** Under /v1 a caller is known before anything is said of addresses. */
async function knownCaller(request: HttpEvent, api: ApiDeps): Promise<Caller> {
  if (!request.path.startsWith('/v1')) return anyone
  const caller = await callerOf(request, api)
  await limitRate(caller, api)
  return caller
}

const anyone: Caller = { name: 'anyone', scopes: [] }

const dispatcher = (served: Served) =>
  router({
    routes: routes.map(({ method, path, scope, handle }) => ({
      method,
      path,
      handler: (request: unknown) => {
        if (scope !== 'open') requireScope(served.caller, scope)
        return handle(HttpEvent.parse(request), served)
      },
    })),
    notFoundResponse: () => {
      throw new Problem(404, 'not_found', 'there is nothing at this address')
    },
  }) as unknown as (event: unknown, context: unknown) => Promise<object>

const budgetMs = 20_000

/**
 * The HTTP API and the console over it. What an operator does: syncs, accounts, parked work, checks. Everything under /v1
 * wants a key; refusals are problem+json.
 */
export const fn: CloudFunction<'sync', ApiDeps> = {
  name: 'sync',
  budgetMs,
  open: (ports, config) => ({
    ...{ db: ports.db, log: ports.log, etas: new Map() },
    ringExtract: {
      youtube: ports.sender(config.EXTRACT_YOUTUBE_QUEUE_URL),
      instagram: ports.sender(config.EXTRACT_INSTAGRAM_QUEUE_URL),
      tiktok: ports.sender(config.EXTRACT_TIKTOK_QUEUE_URL),
    },
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    callsOf: (platform, mode) => callsOf(config, platform, mode),
    dataKey: hasDataKey(config) ? openDataKey(ports, config) : null,
    settings: {
      apiKey: config.API_KEY,
      callsPerMinute: config.API_CALLS_PER_MINUTE,
      lookBackDays: config.LOOK_BACK_DAYS,
      mlJobUsd: config.ML_JOB_USD,
      hasResearch: config.TIKTOK_RESEARCH_CLIENT_KEY !== undefined,
      consoleFolder: config.CONSOLE_FOLDER,
    },
  }),
  call: async (api, event, signal) => {
    try {
      const request = HttpEvent.parse(event)
      const file = consoleFile(request, api.settings.consoleFolder)
      if (file) return file
      const caller = await knownCaller(request, api)
      return await within(0.8 * budgetMs, signal, (share) =>
        dispatcher({ ...api, signal: share, caller })(request, {}),
      )
    } catch (error) {
      if (!(error instanceof Problem)) api.log.error({ error }, 'a request failed')
      return problemResponse(error)
    }
  },
}

export const handler = cloudHandler(fn)
