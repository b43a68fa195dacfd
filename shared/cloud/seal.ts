import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { TerminalError } from '../errors.ts'

/** Seals short texts at rest and opens them again. */
export interface Seal {
  seal(text: string, about: string): Buffer
  /** Throws a TerminalError when the text was sealed with another key, about something else, or was changed. */
  open(sealed: Buffer, about: string): string
}

const algorithm = 'aes-256-gcm'
const sizes = { key: 32, nonce: 12, tag: 16 }

/**
 * AES-256-GCM with a data key; `about` (what the text belongs to) is bound to it, so that a sealed text moved to
 * another row cannot be opened there. Laid out as nonce, tag, text.
 * @param key 32 bytes
 */
export function sealWith(key: Buffer): Seal {
  if (key.length !== sizes.key) throw new Error(`a data key has ${sizes.key} bytes`)
  return {
    seal: (text, about) => {
      const nonce = randomBytes(sizes.nonce)
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(about))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
    },
    open: (sealed, about) => {
      try {
        const nonce = sealed.subarray(0, sizes.nonce)
        const tag = sealed.subarray(sizes.nonce, sizes.nonce + sizes.tag)
        const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: sizes.tag })
        decipher.setAAD(Buffer.from(about)).setAuthTag(tag)
        const text = decipher.update(sealed.subarray(sizes.nonce + sizes.tag))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new TerminalError('a credential cannot be opened with this key', {
          reason: 'credential',
          cause,
        })
      }
    },
  }
}
