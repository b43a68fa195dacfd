import router from '@middy/http-router'
import * as z from 'zod'
import { HttpEvent } from '#shared/http/http-event.ts'
import { Problem, problemResponse } from '#shared/http/problem.ts'
import { providersOf } from '#shared/ml/configured.ts'
import { platformNames, platformOf } from '#shared/platforms/index.ts'
import { extractQueue, extractQueueUrl, stageSettings, withSettings } from '#shared/runtime/config.ts'
import { hasDataKey, openDataKey } from '#shared/runtime/data-key.ts'
import { type CloudFunction, cloudHandler } from '#shared/runtime/handler.ts'
import { within } from '#shared/within.ts'
import { type Caller, callerOf, limitRate, requireScope } from './caller.ts'
import { consoleFile } from './console-files.ts'
import type { ApiDeps } from './deps.ts'
import { openapi } from './openapi.ts'
import { accountRoutes } from './routes/accounts.ts'
import { annotateRoutes } from './routes/annotate.ts'
import { brandRoutes } from './routes/brands.ts'
import { checkRoutes } from './routes/checks.ts'
import { keyRoutes } from './routes/keys.ts'
import { mlRoutes } from './routes/ml.ts'
import { callbackRoute } from './routes/ml-callbacks.ts'
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
  ...syncRoutes,
  ...accountRoutes,
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
  pictureRoute,
  callbackRoute,
]

/** Under /v1 the key is checked first: without a key, an unknown address gets 401, not 404. */
async function knownCaller(request: HttpEvent, api: ApiDeps): Promise<Caller> {
  if (!request.path.startsWith('/v1') || request.path.startsWith('/v1/ml-callbacks/')) return anyone
  const caller = await callerOf(request, api)
  await limitRate(caller, api)
  return caller
}

const anyone: Caller = { name: 'anyone', scopes: [] }

const dispatcher = (context: CallContext) =>
  router({
    routes: routes.map(({ method, path, scope, handle }) => ({
      method,
      path,
      handler: (request: unknown) => {
        if (scope !== 'open') requireScope(context.caller, scope)
        return handle(HttpEvent.parse(request), context)
      },
    })),
    notFoundResponse: () => {
      throw new Problem(404, 'not_found', 'there is nothing at this address')
    },
  }) as unknown as (event: unknown, context: unknown) => Promise<object>

const budgetMs = 20_000

/** With the queues of all platforms, and what plans of them are made of. */
const settings = withSettings(
  stageSettings.sync,
  ...platformNames.flatMap((name) => [extractQueue(name), platformOf(name).planning]),
)

/**
 * The HTTP API and the console over it. What an operator does: syncs, accounts, parked work, checks. Everything under /v1
 * wants a key; refusals are problem+json.
 */
export const fn: CloudFunction<typeof settings, ApiDeps> = {
  name: 'sync',
  settings,
  budgetMs,
  open: (ports, config) => ({
    ...{ db: ports.db, log: ports.log, etas: new Map() },
    ringExtract: (platform) => ports.sender(extractQueueUrl(config, platform)),
    ringTransform: ports.sender(config.TRANSFORM_QUEUE_URL),
    openAccess: (platform) => platformOf(platform).openAccess(config as never),
    callsOf: (platform, mode) => platformOf(platform).access[mode]?.calls(config as never) ?? null,
    dataKey: hasDataKey(config) ? openDataKey(ports, config) : null,
    settings: {
      apiKey: config.API_KEY,
      callsPerMinute: config.API_CALLS_PER_MINUTE,
      lookBackDays: config.LOOK_BACK_DAYS,
      mlJobUsd: config.ML_JOB_USD,
      ml: { providers: providersOf(config), rules: config.ML_RULES },
      media: config.MEDIA_KEY ? { key: config.MEDIA_KEY, cdnUrl: config.MEDIA_CDN_URL } : null,
      callbackKeys: config.ML_CALLBACK_KEYS,
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
