import { Client, Connection } from '@temporalio/client'
import type { OrchestratorServer } from './orchestrator.ts'

/** A client of the server of a test. */
export async function clientOf({ driver }: OrchestratorServer): Promise<Client> {
  const connection = await Connection.connect({ address: driver.env['TEMPORAL_ADDRESS'] ?? '' })
  return new Client({ connection })
}

/** The workflow of the first task of a world. */
export const firstTask = (client: Client) => client.workflow.getHandle('sync-task/1')
