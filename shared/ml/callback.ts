import { createHmac, timingSafeEqual } from 'node:crypto'

/** Clocks may differ by so much; an older call could be one that was overheard. */
const mostSkewS = 300

const signatureOf = (key: string, time: string, body: string) =>
  createHmac('sha256', key).update(`${time}.${body}`).digest('hex')

/** The header X-Signature for a body, as providers send it. */
export const sign = (key: string, now: Date, body: string): string => {
  const time = String(Math.floor(now.getTime() / 1_000))
  return `t=${time},v1=${signatureOf(key, time, body)}`
}

/** Whether a provider signed this body within the last minutes. */
export function isSigned(key: string, header: string, body: string, now: Date): boolean {
  const [, time, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? []
  if (time === undefined || given === undefined) return false
  if (Math.abs(now.getTime() / 1_000 - Number(time)) > mostSkewS) return false
  return timingSafeEqual(Buffer.from(signatureOf(key, time, body)), Buffer.from(given))
}
