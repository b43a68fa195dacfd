import type { Send } from '../model/message.ts'
import type { Logger } from '../telemetry/logger.ts'

/** Rings transform after ten pages or two seconds, and at the end; a ring says that pages are stored, not which. */
export function ringer(send: Send, log: Logger) {
  let pages = 0
  let since = performance.now()
  const ring = async () => {
    if (pages === 0) return
    pages = 0
    since = performance.now()
    const failed = await send([{ v: 1, kind: 'transform' }])
    if (failed > 0) log.warn({ failed }, 'a ring was not sent, the next poll tick repairs it')
  }
  return {
    kept: async (count: number) => {
      pages += count
      if (pages >= 10 || performance.now() - since > 2000) await ring()
    },
    ring,
  }
}
