import { instagram } from '#shared/platforms/instagram/index.ts'
import { badCursor } from '../../local/simulators/instagram/errors.ts'
import { openInstagram } from '../../local/simulators/instagram/server.ts'
import { ownUser, sharedToken } from '../../local/simulators/instagram/tokens.ts'
import { worldOf } from '../../local/world/world.ts'
import { connectorSuite } from '../connector.suite.ts'
import { errorTable, refusalOf } from '../instagram/error-table.ts'
import type { ConnectorCase, OpenOptions } from '../setup/connector-stage.ts'
import { idOf, people } from '../setup/instagram.ts'

const account = { handle: 'a.brand', native_id: idOf('a.brand') }

async function open({ posts, now, calls }: OpenOptions) {
  const world = worldOf('one brand', people([{ username: account.handle, posts }]), () => null)
  // They give a percentage; ours stops at nine tenths of theirs.
  const hour = calls === undefined ? 10_000 : Math.ceil(calls / 0.9)
  const limits = { appCallsPerHour: hour, accountCallsPerHour: hour }
  return { simulator: await openInstagram({ world, now, stripsAt: false, ...limits }), hour }
}

const refusals: ConnectorCase['refusals'] = errorTable.map((row) => ({
  name: `${row.code} ${JSON.stringify(row.more ?? {})}`,
  answer: { status: 400, body: refusalOf(row.code, row.more) },
}))

type Edge = { readonly data?: readonly unknown[] }
type Discovered = { readonly business_discovery: { readonly media?: Edge } }

connectorSuite({
  definition: instagram,
  access_mode: 'own_oauth',
  listPath: `/v25.0/${account.native_id}/media`,
  pageSize: 100,
  open: async (options) => {
    const { simulator, hour } = await open(options)
    const env = { INSTAGRAM_LOGIN_API_URL: simulator.url, INSTAGRAM_ACCOUNT_CALLS_PER_HOUR: String(hour) }
    const { access_token: access } = simulator.consent(account.native_id)
    return { simulator, env, account, token: { access, of: 'account' } }
  },
  items: (body) => (body as Edge).data ?? [],
  withItems: (body, data) => ({ ...(body as Edge), data }),
  placeRefused: badCursor,
  refusals,
})

connectorSuite({
  definition: instagram,
  access_mode: 'public_discovery',
  listPath: `/v25.0/${ownUser.id}`,
  pageSize: 50,
  isEmptyPageLast: true,
  open: async (options) => {
    const { simulator, hour } = await open(options)
    const env = {
      ...{ INSTAGRAM_API_URL: simulator.url, INSTAGRAM_USER_ID: ownUser.id },
      INSTAGRAM_APP_CALLS_PER_HOUR: String(hour),
    }
    return { simulator, env, account, token: { access: sharedToken, of: 'many' } }
  },
  items: (body) => (body as Discovered).business_discovery.media?.data ?? [],
  withItems: (body, data) => {
    const { business_discovery: found, ...rest } = body as Discovered
    return { ...rest, business_discovery: { ...found, media: { ...found.media, data } } }
  },
  placeRefused: badCursor,
  refusals,
})
