import type { Db, Transaction } from '#shared/db/pool.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import type { Change } from './world.ts'

/** What a run is killed with: from then on no port answers, so nothing more is done, whatever code catches this. */
class Killed extends Error {
  override readonly name = 'Killed'
  readonly code = '57P01'
}

export interface Gate {
  /** Names of the gates passed, in order: function, port, and whether the effect is still to come or has happened. */
  readonly passed: string[]
  readonly change: Change
  isKilled(): boolean
}

/**
 * Every port call passes numbered gates, before the effect and after it; the run is killed at the one that `killAt`
 * chooses.
 */
export function openGate(killAt: (name: string, number: number, nth: number) => boolean): Gate {
  const passed: string[] = []
  let killed = false
  const pass = (name: string) => {
    if (killed) throw new Killed('the process is dead')
    passed.push(name)
    if (killAt(name, passed.length, passed.filter((earlier) => earlier === name).length)) {
      killed = true
      throw new Killed(`killed at ${name}`)
    }
  }
  const around = async <T>(name: string, effect: () => Promise<T>): Promise<T> => {
    pass(`${name} before`)
    const result = await effect()
    pass(`${name} after`)
    return result
  }
  const gated = (name: string, ports: Ports): Ports => ({
    ...ports,
    db: gatedDb(name, ports.db, pass, around),
    fetch: (url, init) =>
      around(`${name} fetch ${init.method ?? 'GET'} ${new URL(url).pathname.split('/').at(-1)}`, () =>
        ports.fetch(url, init),
      ),
    sender: (queueUrl) => (rings) => around(`${name} send`, () => ports.sender(queueUrl)(rings)),
  })
  return { passed, change: gated, isKilled: () => killed }
}

type Around = <T>(name: string, effect: () => Promise<T>) => Promise<T>

function gatedDb(name: string, db: Db, pass: (name: string) => void, around: Around): Db {
  return {
    rows: (statement) => around(`${name} statement`, () => db.rows(statement)),
    transaction: (work) =>
      around(`${name} transaction`, () =>
        db.transaction(async (tx: Transaction) => {
          const result = await work({
            rows: (statement) => around(`${name} in transaction`, () => tx.rows(statement)),
            copy: (rows) => around(`${name} in transaction`, () => tx.copy(rows)),
          })
          pass(`${name} commit`)
          return result
        }),
      ),
    end: () => db.end(),
  }
}
