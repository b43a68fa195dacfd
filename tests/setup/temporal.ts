import { Client, Connection } from '@temporalio/client'
import type { OrchestratorServer } from './orchestrator.ts'

/** A client of the server of a test. */
export async function clientOf({ driver }: OrchestratorServer): Promise<Client> {
  const connection = await Connection.connect({ address: driver.env['TEMPORAL_ADDRESS'] ?? '' })
  return new Client({ connection })
}

/** The workflow of the first task of a world. */
export const firstTask = (client: Client) => client.workflow.getHandle('sync-task/1')

/** Repeats a look until it is as wanted, since lists of Temporal follow a while later. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  let cause: unknown
  const noted = (error: unknown) => {
    cause = error
    return false
  }
  for (const until = performance.now() + 15_000; performance.now() < until; ) {
    if (await isSo().catch(noted)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it never came so', { cause })
}
