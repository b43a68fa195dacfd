import { useState } from 'preact/hooks'
import { Refusal } from './api.ts'

export interface Acting {
  readonly isBusy: boolean
  /** What was refused last. */
  readonly error: Refusal | undefined
  readonly act: (work: () => Promise<void>) => Promise<void>
}

/** Does something that the API may refuse. */
export function useAct(): Acting {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<Refusal>()
  const act = async (work: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (refused) {
      if (!(refused instanceof Refusal)) throw refused
      setError(refused)
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, error, act }
}
