/** A statement took longer than its role allows, or than this side waits for an answer. */
export const isOutOfTime = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === '57014') || error.message.startsWith('Query read timeout'))
