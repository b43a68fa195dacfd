import { account } from './account.ts'
import { ages } from './ages.ts'
import { alerts } from './alerts.ts'
import { causes } from './causes.ts'
import { channels } from './channels.ts'
import { connect } from './connect.ts'
import { endpoints } from './endpoints.ts'
import { follow } from './follow.ts'
import { invariants } from './invariants.ts'
import { kinds } from './kinds.ts'
import { mlKinds } from './ml-kinds.ts'
import { numbers } from './numbers.ts'
import { outcomes } from './outcomes.ts'
import { owners, rights } from './owners.ts'
import { people } from './people.ts'
import { pools } from './pools.ts'
import { problems } from './problems.ts'
import { recorded } from './recorded.ts'
import { repair } from './repair.ts'
import { rhythms } from './rhythms.ts'
import { mlWaits, said } from './said.ts'
import { shell } from './shell.ts'
import { states } from './states.ts'
import { waits } from './waits.ts'
import { ways } from './ways.ts'
import type { KeyOf } from './words.ts'
import { work } from './work.ts'

/** All that people read in the console, on the pages of owners and in sentences of the API. */
export const catalogue = {
  account,
  ages,
  alerts,
  causes,
  channels,
  connect,
  endpoints,
  follow,
  invariants,
  kinds,
  mlKinds,
  mlWaits,
  numbers,
  outcomes,
  owners,
  people,
  pools,
  problems,
  recorded,
  repair,
  rhythms,
  rights,
  said,
  shell,
  states,
  waits,
  ways,
  work,
}

export type Key = KeyOf<typeof catalogue>
