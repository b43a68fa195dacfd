import type { Transaction } from '#shared/db/pool.ts'
import { addPostMetrics, appendLatePostMetrics, appendPostMetrics } from '#shared/db/tables/history.ts'
import * as posts from '#shared/db/tables/posts.ts'
import type { WeighedPost } from './weigh-post.ts'

interface Row {
  readonly id: string
  readonly isNew: boolean
  readonly weighed: WeighedPost
}

/** Writes the newest numbers of posts, and what joins their history. */
export async function writeNumbers(tx: Transaction, rows: readonly Row[]): Promise<void> {
  const latest = (isNew: boolean) =>
    rows.flatMap(({ id, isNew: made, weighed }) =>
      made === isNew && weighed.latest ? [{ ...weighed.latest, post_id: id }] : [],
    )
  await posts.insertLatest(tx, latest(true))
  await posts.updateLatest(tx, latest(false))
  const history = (isNew: boolean) =>
    rows.flatMap(({ id, isNew: made, weighed }) =>
      made === isNew ? weighed.history.map((metrics) => ({ ...metrics, post_id: id })) : [],
    )
  await addPostMetrics(tx, history(true))
  await appendPostMetrics(tx, history(false))
  await appendLatePostMetrics(
    tx,
    rows.flatMap(({ id, weighed }) => weighed.late.map((metrics) => ({ ...metrics, post_id: id }))),
  )
}
