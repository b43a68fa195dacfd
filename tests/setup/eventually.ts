import { vi } from 'vitest'

/** Repeats a look until it is as wanted; one that fails is repeated too. */
export const eventually = (isSo: () => Promise<boolean>, timeout = 15_000): Promise<void> =>
  vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error('it never came so')
    },
    { timeout, interval: 25 },
  )
