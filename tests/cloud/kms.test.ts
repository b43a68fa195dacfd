import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { symmetricCryptoService } from '@yandex-cloud/nodejs-sdk/kms-v1'
import { expect, onTestFinished, test } from 'vitest'
import { decrypt } from '#shared/cloud/kms.ts'

// A key pair for localhost that nothing else knows or trusts.
const pem = (name: string) => readFileSync(join(import.meta.dirname, 'tls', name))
const dataKey = Buffer.alloc(32, 7)

/** KMS by its own protocol: knows one key, one token, and one text encrypted with it. */
async function openKms(): Promise<string> {
  const { SymmetricCryptoServiceService: service, SymmetricDecryptResponse } = symmetricCryptoService
  const server = new Server()
  const refuse = () => ({ code: status.PERMISSION_DENIED, details: 'Permission denied' })
  server.addService(service, {
    decrypt: (call: DecryptCall, answer: (error: object | null, value?: unknown) => void) => {
      const { keyId, ciphertext } = call.request
      if (call.metadata.get('authorization')[0] !== 'Bearer good-token') answer(refuse())
      else if (keyId !== 'key-1' || Buffer.from(ciphertext).toString() !== 'sealed') answer(refuse())
      else answer(null, SymmetricDecryptResponse.fromPartial({ keyId, versionId: 'v1', plaintext: dataKey }))
    },
  } as never)
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: pem('localhost.key.pem'), cert_chain: pem('localhost.pem') },
  ])
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  )
  onTestFinished(() => server.forceShutdown())
  return `localhost:${port}`
}

interface DecryptCall {
  readonly request: { readonly keyId: string; readonly ciphertext: Uint8Array }
  readonly metadata: { get(name: string): unknown[] }
}

test('a data key that was encrypted with a key of KMS is opened over its own protocol', async () => {
  const endpoint = await openKms()
  const opened = await decrypt('key-1', Buffer.from('sealed'), {
    endpoint,
    ca: pem('localhost.pem'),
    iamToken: 'good-token',
  })
  expect(opened).toEqual(dataKey)
})

test.for([
  { name: 'without the right', keyId: 'key-1', iamToken: 'other-token' },
  { name: 'for another key', keyId: 'key-2', iamToken: 'good-token' },
])('$name KMS refuses, which is a verdict without a secret', async ({ keyId, iamToken }) => {
  const endpoint = await openKms()
  const refused = decrypt(keyId, Buffer.from('sealed'), { endpoint, ca: pem('localhost.pem'), iamToken })
  await expect(refused).rejects.toMatchObject({ name: 'RetryableError', reason: 'credential' })
  await expect(refused).rejects.toThrow(/PERMISSION_DENIED/)
  await expect(refused).rejects.not.toThrow(/sealed"|-token/)
})

test('a server with a wrong certificate gets nothing', async () => {
  const endpoint = await openKms()
  await expect(
    decrypt('key-1', Buffer.from('sealed'), { endpoint, iamToken: 'good-token' }),
  ).rejects.toMatchObject({
    name: 'RetryableError',
  })
}, 20_000)

test('a server that never answers is given up in time', async () => {
  const silent = new Server()
  const { SymmetricCryptoServiceService: service } = symmetricCryptoService
  silent.addService(service, { decrypt: () => undefined } as never)
  const credentials = ServerCredentials.createSsl(null, [
    { private_key: pem('localhost.key.pem'), cert_chain: pem('localhost.pem') },
  ])
  const port = await new Promise<number>((resolve, reject) =>
    silent.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  )
  onTestFinished(() => silent.forceShutdown())
  const options = {
    endpoint: `localhost:${port}`,
    ca: pem('localhost.pem'),
    iamToken: 'good-token',
    timeoutMs: 300,
  }
  await expect(decrypt('key-1', Buffer.from('sealed'), options)).rejects.toThrow('not answered within 300 ms')
})
