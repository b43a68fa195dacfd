import type { Db } from '#shared/db/pool.ts'
import { annotationAlike } from '#shared/db/tables/known-pictures.ts'
import type { MlAccepted } from '#shared/ml/provider.ts'
import type { MlKind, SendableJob } from '#shared/model/ml-job.ts'

/** What is seen in two pictures that look the same is the same; what is written there may not be. */
const kinds: readonly MlKind[] = ['image', 'nsfw']

/** The result that a picture which looks the same has of the same model. undefined: there is none. */
export async function findAlike(db: Db, job: SendableJob): Promise<MlAccepted | undefined> {
  if (!kinds.includes(job.kind)) return undefined
  const found = await annotationAlike(db, job)
  if (!found) return undefined
  const result = JSON.parse(found.result) as object
  return {
    jobId: `${takenOver}${found.content_key}`,
    afterMs: undefined,
    answer: { state: 'done', result, modelVersion: found.model_version },
  }
}

/** What begins so is no job at a provider: nothing was sent, or paid for. */
const takenOver = 'same as '
