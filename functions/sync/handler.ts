import router from '@middy/http-router'
import * as z from 'zod'
import { type HashHandle, hasErasedHandles } from '#shared/db/erase.ts'
import { reportOfJob } from '#shared/db/sync-jobs.ts'
import { bodyText, HttpEvent, header, readBody, requireKey } from '#shared/http/http-event.ts'
import { Problem, problemResponse, respond } from '#shared/http/problem.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Config } from '#shared/runtime/config.ts'
import { dataKey, hasDataKey } from '#shared/runtime/data-key.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { EraseAccount, erase, hashHandles } from './erase-account.ts'
import { stateOf, taskView } from './report.ts'
import { StartSync, startSync } from './start-sync.ts'
import { StoreTokens, storeTokens } from './store-tokens.ts'

export const budgetMs = 10_000

type Served = (event: HttpEvent, ports: Ports, config: Config<'sync'>) => Promise<object>

const IdempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters')

const post: Served = async (event, ports, config) => {
  const asked = readBody(StartSync, bodyText(event))
  const key = IdempotencyKey.optional().safeParse(header(event, 'idempotency-key'))
  if (!key.success) {
    throw new Problem(400, 'invalid_header', 'Idempotency-Key is not usable', [
      { field: 'Idempotency-Key', message: '1 to 255 visible ASCII characters' },
    ])
  }
  const { jobId, isNew } = await startSync(ports.db, asked, key.data, {
    hashHandle: await hashHandleIfNeeded(ports, config),
    hasResearch: config.TIKTOK_RESEARCH_CLIENT_KEY !== undefined,
  })
  if (isNew) {
    const failed = await ports.sender(queueOf(config, asked.platform))([
      { v: 1, kind: 'extract', ids: [jobId] },
    ])
    if (failed > 0) ports.log.warn({ jobId }, 'a ring was not sent, the next extract tick repairs it')
  }
  return respond(202, { id: jobId, url: `/v1/syncs/${jobId}` }, { location: `/v1/syncs/${jobId}` })
}

const queueOf = (config: Config<'sync'>, platform: Platform) =>
  ({
    youtube: config.EXTRACT_YOUTUBE_QUEUE_URL,
    instagram: config.EXTRACT_INSTAGRAM_QUEUE_URL,
    tiktok: config.EXTRACT_TIKTOK_QUEUE_URL,
  })[platform]

const get: Served = async (event, ports) => {
  const id = event.pathParameters?.['id'] ?? ''
  const report = /^\d{1,18}$/.test(id) ? await reportOfJob(ports.db, id) : undefined
  if (!report) throw new Problem(404, 'not_found', 'there is no such sync')
  const { job, states, tasks } = report
  return respond(200, {
    id: job.id,
    state: stateOf(states),
    origin: job.origin,
    mode: job.mode,
    created_at: job.created_at.toISOString(),
    tasks: tasks.map(taskView),
  })
}

/** Without a data key handles of erased accounts are not remembered, only their ids. */
const hashHandleOf = async (ports: Ports, config: Config<'sync'>): Promise<HashHandle | null> =>
  hasDataKey(config) ? hashHandles(await dataKey(ports, config)) : null

/**
 * The key is opened only where handles were erased. While it cannot be, a sync is asked for all the same: an erased
 * account is known by its id then, with its first answer.
 */
async function hashHandleIfNeeded(ports: Ports, config: Config<'sync'>): Promise<HashHandle | null> {
  if (!(await hasErasedHandles(ports.db))) return null
  try {
    return await hashHandleOf(ports, config)
  } catch (error) {
    ports.log.warn({ error }, 'handles of erased accounts cannot be known at this moment')
    return null
  }
}

const postTokens: Served = async (event, ports, config) => {
  const given = readBody(StoreTokens, bodyText(event))
  if (!hasDataKey(config))
    throw new Problem(503, 'not_configured', 'there is no data key, so no token can be kept')
  const stored = await storeTokens(
    ports.db,
    given,
    await dataKey(ports, config),
    await hashHandleOf(ports, config),
  )
  await ports.sender(queueOf(config, given.platform))([{ v: 1, kind: 'extract' }])
  return respond(201, { platform: given.platform, ...stored })
}

const postErasure: Served = async (event, ports, config) => {
  const asked = readBody(EraseAccount, bodyText(event))
  return respond(200, await erase(ports.db, asked, await hashHandleOf(ports, config)))
}

const routes = [
  { method: 'POST', path: '/v1/credentials', serve: postTokens },
  { method: 'POST', path: '/v1/erasures', serve: postErasure },
  { method: 'POST', path: '/v1/syncs', serve: post },
  { method: 'GET', path: '/v1/syncs/{id}', serve: get },
] as const

/** The HTTP API: ad-hoc syncs, tokens, erasure. Everything under /v1 wants a key; refusals are problem+json. */
export const run: Run<'sync'> = async (ports, config, event, _timeLeft) => {
  const dispatch = router({
    routes: routes.map(({ method, path, serve }) => ({
      method,
      path,
      handler: (request: unknown) => serve(HttpEvent.parse(request), ports, config),
    })),
    notFoundResponse: () => {
      throw new Problem(404, 'not_found', 'there is nothing at this address')
    },
  }) as unknown as (event: unknown, context: unknown) => Promise<object>
  try {
    const request = HttpEvent.parse(event)
    requireKey(request, config.API_KEY)
    return await dispatch(request, {})
  } catch (error) {
    if (!(error instanceof Problem)) ports.log.error({ error }, 'a request failed')
    return problemResponse(error)
  }
}

export const handler = cloudFunction('sync', budgetMs, run)
