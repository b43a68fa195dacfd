import { Session } from '@yandex-cloud/nodejs-sdk'
import { symmetricCryptoService } from '@yandex-cloud/nodejs-sdk/kms-v1'
import { messageOf, RetryableError } from '../errors.ts'
import { openTimeLimit } from '../http/time-limit.ts'

export interface KmsOptions {
  /** Host and port of another server than the cloud's. */
  readonly endpoint?: string
  /** PEM of the authority of that server. */
  readonly ca?: Buffer
  /** Absent: the token of the function's own service account, from its metadata. */
  readonly iamToken?: string
  /** For the whole call; 10 s when absent. */
  readonly timeoutMs?: number
}

const { SymmetricCryptoServiceClient, SymmetricDecryptRequest } = symmetricCryptoService

/**
 * Opens a text that was encrypted with a symmetric key of Yandex KMS (role kms.keys.decrypter). Throws a RetryableError
 * when KMS refuses or cannot be reached; neither text is ever part of it.
 */
export async function decrypt(keyId: string, ciphertext: Buffer, options: KmsOptions = {}): Promise<Buffer> {
  const { endpoint, ca, iamToken, timeoutMs = 10_000 } = options
  const ssl = ca ? { ssl: { rootCerts: ca } } : {}
  const session = new Session(iamToken === undefined ? ssl : { iamToken, ...ssl })
  const client = session.client(SymmetricCryptoServiceClient, endpoint)
  const exchange = openTimeLimit(timeoutMs)
  try {
    const request = SymmetricDecryptRequest.fromPartial({ keyId, ciphertext })
    // The SDK's own type of a signal is that of an old polyfill.
    const { plaintext } = await exchange.within(client.decrypt(request, { signal: exchange.signal as never }))
    return Buffer.from(plaintext)
  } catch (cause) {
    throw new RetryableError(`the data key cannot be opened by KMS: ${messageOf(cause)}`, {
      reason: 'credential',
      cause,
    })
  } finally {
    exchange.close()
  }
}
