import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()
/** What is kept of a key. */
export const hashOf = (key: string): string => digest(key).toString('hex')
/** Compares in a time that says nothing of either. */
export const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const randomLength = 24
const checkLength = 6
const checkOf = (random: Buffer, secret: string) =>
  createHmac('sha256', secret).update(random).digest().subarray(0, checkLength)

/**
 * A key: `ss_`, and in base64url 24 random bytes and 6 that follow from them by a secret of the installation, so that what was never
 * made here is refused without a look into the database. It is no proof: that is the hash in the database.
 */
export function newKey(secret: string): string {
  const random = randomBytes(randomLength)
  return `ss_${Buffer.concat([random, checkOf(random, secret)]).toString('base64url')}`
}

/** Whether a key may be one that was made here. Earlier releases made keys without a check, of 24 bytes. */
export function mayBeOurs(key: string, { secret, hasUnchecked }: KeyCheck): boolean {
  const [, text] = /^ss_([A-Za-z0-9_-]+)$/.exec(key) ?? []
  const bytes = Buffer.from(text ?? '', 'base64url')
  if (bytes.length === randomLength) return hasUnchecked
  if (bytes.length !== randomLength + checkLength) return false
  const random = bytes.subarray(0, randomLength)
  return timingSafeEqual(bytes.subarray(randomLength), checkOf(random, secret))
}

/** By what keys are distinguished from guesses. */
export interface KeyCheck {
  readonly secret: string
  /** Whether a key without a check is still good. */
  readonly hasUnchecked: boolean
}
