import { TerminalError } from '../errors.ts'
import type { StageConfig } from './config.ts'
import type { Ports } from './ports.ts'

type KeyConfig = Pick<StageConfig<'maintain'>, 'CREDENTIALS_KEY' | 'CREDENTIALS_SEALED_KEY' | 'KMS_KEY_ID'>

/** Whether tokens can be kept here. */
export const hasDataKey = (config: KeyConfig): boolean =>
  config.CREDENTIALS_KEY !== undefined ||
  (config.CREDENTIALS_SEALED_KEY !== undefined && config.KMS_KEY_ID !== undefined)

/**
 * Gives the data key that tokens are sealed with: 32 bytes, as a setting, or as one that KMS opens when it is first needed.
 * Throws a TerminalError when there is none, a RetryableError when KMS does not open it.
 */
export function openDataKey(ports: Pick<Ports, 'decrypt'>, config: KeyConfig): () => Promise<Buffer> {
  let opened: Promise<Buffer> | undefined
  return async () => {
    opened ??= openKey(ports, config)
    try {
      return await opened
    } catch (error) {
      opened = undefined
      throw error
    }
  }
}

async function openKey(ports: Pick<Ports, 'decrypt'>, config: KeyConfig): Promise<Buffer> {
  const { CREDENTIALS_KEY: plain, CREDENTIALS_SEALED_KEY: sealed, KMS_KEY_ID: keyId } = config
  if (plain !== undefined) return Buffer.from(plain, 'base64')
  if (sealed === undefined || keyId === undefined)
    throw new TerminalError('there is no data key, so no token can be kept or opened: set CREDENTIALS_KEY')
  const key = await ports.decrypt(keyId, Buffer.from(sealed, 'base64'))
  if (key.length !== 32) throw new TerminalError('what KMS opened is no data key of 32 bytes')
  return key
}
