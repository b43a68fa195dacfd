import { readState } from './state.ts'
import { UserError } from './user-error.ts'

/** Switches faults of simulators on by name, `youtube:quota`; `none` ends all. The simulators are given by address. */
export async function switchFaults(
  names: readonly string[],
  simulators: Readonly<Record<string, string>>,
): Promise<void> {
  for (const name of names) {
    const [simulator = '', fault = ''] = name.split(':')
    const addresses = name === 'none' ? Object.values(simulators) : [simulators[simulator] ?? '']
    for (const address of addresses) {
      const page = new URL('/__sim', address)
      const method = name === 'none' ? 'DELETE' : 'POST'
      const answer = await fetch(page, { method, ...(fault ? { body: JSON.stringify({ fault }) } : {}) })
      if (!answer.ok) throw new UserError(`${name} cannot be switched: ${await answer.text()}`)
    }
  }
}

/** Switches faults in the local cloud that runs from this folder; false when none does. */
export async function switchRunning(folder: string, names: readonly string[]): Promise<boolean> {
  const state = readState(folder)
  if (!state?.pid || !state.url || Object.keys(state.simulators).length === 0) return false
  try {
    await fetch(state.url, { signal: AbortSignal.timeout(2_000) })
  } catch {
    return false
  }
  await switchFaults(names, state.simulators)
  return true
}
