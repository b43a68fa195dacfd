import { makePartitions, migrate } from '#shared/db/migrate.ts'
import { verify } from '#shared/db/verify.ts'
import { cloudFunction, type Run } from '#shared/runtime/handler.ts'

export const budgetMs = 240_000

/**
 * Called at deployment, before the other functions are updated, and by its timers: brings the schema forward, makes
 * partitions ahead, and checks every invariant of the ledger.
 */
export const run: Run<'maintain'> = async (ports, _config, _event, timeLeft) => {
  const applied = await migrate(ports.db)
  const partitions = await makePartitions(ports.db)
  const findings = await verify(ports.db, timeLeft)
  const violated = findings.filter(({ count }) => count !== null)
  for (const finding of violated) ports.log.error({ finding }, 'an invariant of the ledger is violated')
  const unchecked = findings.flatMap(({ name, count }) => (count === null ? [name] : []))
  if (unchecked.length > 0) ports.log.warn({ unchecked }, 'there was no time to check these invariants')
  ports.log.info({ applied, partitions, violated: violated.length }, 'maintained')
  return { applied, partitions, findings }
}

export const handler = cloudFunction('maintain', budgetMs, run)
