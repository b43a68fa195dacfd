import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { apiEndpointService } from '@yandex-cloud/nodejs-sdk/endpoint'
import { iamTokenService } from '@yandex-cloud/nodejs-sdk/iam-v1'

const pathOf = (name: string) => join(import.meta.dirname, '../cloud/tls', name)
type Answer = (error: null, value: unknown) => void

/**
 * What the provider asks before it plans anything, and nothing else: where the cloud's services are, and a token for the
 * one it was given. Everything is here. Returns the environment that leads the provider to it.
 */
export async function openDiscovery(): Promise<{ env: Record<string, string>; close: () => void }> {
  const { ApiEndpointServiceService, ListApiEndpointsResponse } = apiEndpointService
  const { IamTokenServiceService, CreateIamTokenResponse } = iamTokenService
  const server = new Server()
  let address = ''
  server.addService(ApiEndpointServiceService, {
    get: (_call: unknown, answer: Answer) => answer(null, { id: 'iam', address }),
    list: (_call: unknown, answer: Answer) => {
      const endpoints = ['iam', 'endpoint', 'resource-manager'].map((id) => ({ id, address }))
      answer(null, ListApiEndpointsResponse.fromPartial({ endpoints }))
    },
  } as never)
  const token = { iamToken: 'made-up', expiresAt: new Date('2100-01-01T00:00:00Z') }
  const create = (_call: unknown, answer: Answer) => answer(null, CreateIamTokenResponse.fromPartial(token))
  server.addService(IamTokenServiceService, { create } as never)
  const credentials = ServerCredentials.createSsl(null, [
    {
      private_key: readFileSync(pathOf('localhost.key.pem')),
      cert_chain: readFileSync(pathOf('localhost.pem')),
    },
  ])
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  )
  address = `localhost:${port}`
  return {
    env: { YC_ENDPOINT: address, SSL_CERT_FILE: pathOf('localhost.pem') },
    close: () => server.forceShutdown(),
  }
}
