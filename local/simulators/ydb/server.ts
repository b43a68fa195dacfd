import { Server, ServerCredentials } from '@grpc/grpc-js'
import proto from 'ydb-sdk-proto'
import { execute } from './query.ts'
import { methodsOf, packed, Refused, Unreachable } from './service.ts'
import { openTables } from './tables.ts'
import { rowsOf } from './values.ts'

const { Table, Discovery } = proto.Ydb
type Status = Refused['status']

export interface YdbOptions {
  /** Where the tables lie; in memory when absent. */
  readonly file?: string
  readonly now?: () => Date
  /** Request units a second, five minutes of which may be spent at once (serverless mode); no limit when absent. */
  readonly unitsPerSecond?: number
}

interface Fault {
  /** A method of the service, for example `ExecuteDataQuery`. */
  readonly method: string
  readonly status: Status | 'UNREACHABLE'
  times: number
}

const burstS = 300
const database = '/local/social-sync'
const throttled = 'Throughput limit exceeded'

/**
 * YDB in serverless mode over gRPC, by its published protos: discovery, sessions, queries, bulk upsert, tables and TTL. It knows the
 * statements that the product sends and refuses all others. Sessions can be lost, and any method can be made to fail.
 */
export async function openYdb(options: YdbOptions = {}) {
  const { file = ':memory:', now = () => new Date(), unitsPerSecond } = options
  const tables = openTables(file)
  const sessions = new Set<string>()
  const faults: Fault[] = []
  const calls: string[] = []
  const spend = spender(unitsPerSecond)
  const existing = (path: string) => {
    const table = path.replace(`${database}/`, '')
    if (!tables.has(table)) throw new Refused('SCHEME_ERROR', `Cannot find table '${path}'`)
    tables.expire(now())
    return table
  }
  const service = serviceOf({ tables, sessions, existing, spend, now, port: () => port }, (name) => {
    calls.push(name)
    const fault = faults.find((one) => one.method === name && one.times > 0)
    if (!fault) return
    fault.times -= 1
    if (fault.status === 'UNREACHABLE') throw new Unreachable()
    if (fault.status === 'BAD_SESSION') sessions.clear()
    throw new Refused(fault.status, fault.status === 'OVERLOADED' ? throttled : fault.status)
  })
  const server = new Server({ 'grpc.max_receive_message_length': 64_000_000 })
  server.addService(
    Object.fromEntries(service.map(({ name, definition }) => [name, definition])),
    Object.fromEntries(service.map(({ name, handle }) => [name, handle])),
  )
  const port = await listen(server)
  for (const name of ['raw_bodies', 'fast_state']) tables.create(name)
  return {
    url: `grpc://127.0.0.1:${port}${database}`,
    /** Methods called, in their order. */
    calls,
    /** Makes a method fail, so many times. */
    plan: (method: string, status: Fault['status'], times = 1) => void faults.push({ method, status, times }),
    /** Ends all faults. */
    heal: () => {
      faults.length = 0
    },
    loseSessions: () => sessions.clear(),
    /** How many bodies there are. */
    count: (name = 'raw_bodies') => tables.count(name),
    close: async () => {
      server.forceShutdown()
      tables.close()
    },
  }
}

const listen = (server: Server) =>
  new Promise<number>((done, fail) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : done(port),
    ),
  )

interface State {
  readonly tables: ReturnType<typeof openTables>
  readonly sessions: Set<string>
  /** The name of a table, by its path. */
  readonly existing: (path: string) => string
  readonly spend: (units: number) => void
  readonly now: () => Date
  readonly port: () => number
}

function serviceOf({ tables, sessions, existing, spend, now, port }: State, before: (name: string) => void) {
  const method = methodsOf(before)
  const inSession = ({ sessionId }: { readonly sessionId: string }) => {
    if (!sessions.has(sessionId)) throw new Refused('BAD_SESSION', 'Session not found')
  }
  const discovery = method(
    'Discovery.V1.DiscoveryService/ListEndpoints',
    Discovery.ListEndpointsRequest,
    Discovery.ListEndpointsResponse,
    () => packed(Discovery.ListEndpointsResult, { endpoints: [{ address: '127.0.0.1', port: port() }] }),
  )
  const table = 'Table.V1.TableService'
  return [
    discovery,
    method(`${table}/CreateSession`, Table.CreateSessionRequest, Table.CreateSessionResponse, () => {
      const sessionId = `ydb://session/3?node_id=1&id=${crypto.randomUUID()}`
      sessions.add(sessionId)
      return packed(Table.CreateSessionResult, { sessionId })
    }),
    method(`${table}/DeleteSession`, Table.DeleteSessionRequest, Table.DeleteSessionResponse, (request) => {
      sessions.delete(request.sessionId)
      return undefined
    }),
    method(`${table}/KeepAlive`, Table.KeepAliveRequest, Table.KeepAliveResponse, (request) => {
      inSession(request)
      return packed(Table.KeepAliveResult, { sessionStatus: 1 })
    }),
    method(`${table}/CreateTable`, Table.CreateTableRequest, Table.CreateTableResponse, (request) => {
      inSession(request)
      if (!['expires_at', 'ends_at'].includes(request.ttlSettings?.dateTypeColumn?.columnName ?? ''))
        throw new Refused('BAD_REQUEST', 'this server knows tables whose rows end by a column of time')
      tables.create(request.path.replace(`${database}/`, ''))
      return undefined
    }),
    method(`${table}/DropTable`, Table.DropTableRequest, Table.DropTableResponse, (request) => {
      inSession(request)
      tables.drop(existing(request.path))
      return undefined
    }),
    method(`${table}/BulkUpsert`, Table.BulkUpsertRequest, Table.BulkUpsertResponse, (request) => {
      const found = existing(request.table)
      const rows = rowsOf(request.rows)
      // Half a unit each kilobyte.
      spend(rows.reduce((sum, { body }) => sum + Math.max(1, Math.ceil(body.length / 1_024)) / 2, 0))
      tables.upsert(found, rows)
      return packed(Table.BulkUpsertResult, {})
    }),
    method(
      `${table}/ExecuteDataQuery`,
      Table.ExecuteDataQueryRequest,
      Table.ExecuteDataQueryResponse,
      (request) => {
        inSession(request)
        const running = { tables, existing, spend, now: now() }
        const rows = execute(request.query?.yqlText ?? '', request.parameters, running)
        return packed(Table.ExecuteQueryResult, rows === undefined ? {} : { resultSets: [rows] })
      },
    ),
  ]
}

/** Request units as they come in and go; none left is back-pressure. */
function spender(perSecond: number | undefined): (units: number) => void {
  let left = (perSecond ?? 0) * burstS
  let since = performance.now()
  return (units) => {
    if (perSecond === undefined) return
    const at = performance.now()
    left = Math.min(perSecond * burstS, left + ((at - since) / 1_000) * perSecond)
    since = at
    if (left < units) throw new Refused('OVERLOADED', throttled)
    left -= units
  }
}
