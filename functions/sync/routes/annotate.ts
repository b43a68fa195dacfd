import { Problem } from '#shared/http/problem.ts'
import { routesOf } from '#shared/ml/configured.ts'
import type { MlRoute } from '#shared/model/ml-job.ts'
import { annotateBatch } from '../annotate.ts'
import { Annotate, Annotated } from '../api/annotate.ts'
import { type CallContext, type Route, route } from './route.ts'

/** What each model would be, or is, sent. */
function countJobs({ settings: { ml, mlJobUsd } }: Pick<CallContext, 'settings'>, jobs: readonly MlRoute[]) {
  const groups = Map.groupBy(jobs, ({ kind, provider, model }) => `${kind} ${provider} ${model}`)
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const { kind, provider, model } = first
    const count = others.length + 1
    const usd = ml.providers.find(({ name }) => name === provider)?.usd ?? mlJobUsd
    return [{ kind, provider, model, count, usd: usd === undefined ? null : count * usd }]
  })
}

export const annotateRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/ml-jobs/annotate',
    summary:
      'Have the models of today look at posts on record that they have not seen; first as a plan with its price',
    scope: 'sync',
    body: Annotate,
    status: 200,
    answer: Annotated,
    serve: async ({ body, signal, caller, ...context }) => {
      const { db, settings } = context
      const { since, kinds, platform, dry_run: isDry } = body
      const routes = settings.ml.providers
        .flatMap(routesOf)
        .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
      if (routes.length === 0)
        throw new Problem(422, 'no_provider', 'no ML provider in the settings does this', [
          { field: 'kinds', message: 'no provider does these' },
        ])
      const past = {
        since: new Date(since),
        platform,
        routes,
        rules: settings.ml.rules,
        isDry,
        actor: caller.name,
      }
      // The same content may stand in several batches.
      const jobs = new Map<string, MlRoute>()
      let posts = 0
      let next: string | null = body.after
      while (next !== null && !signal.aborted) {
        const done: Awaited<ReturnType<typeof annotateBatch>> = await annotateBatch(db, {
          ...past,
          after: next,
        })
        for (const job of done.jobs) jobs.set(`${job.content_key} ${job.kind} ${job.model}`, job)
        posts += done.posts
        next = done.last
      }
      return { posts, jobs: countJobs(context, [...jobs.values()]), next }
    },
  }),
]
