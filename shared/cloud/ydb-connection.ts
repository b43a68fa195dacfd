import pRetry, { type Options } from 'p-retry'
import type { IAuthService, TableSession } from 'ydb-sdk'
import { messageOf, StoreAway } from '../errors.ts'
import { openTimeLimit } from '../http/time-limit.ts'
import { instanceToken } from './instance-token.ts'
import { ydb } from './ydb-sdk.ts'

const { AnonymousAuthService, Driver, StatusCode, TokenAuthService, YdbError } = ydb
type Driver = InstanceType<typeof Driver>

export interface YdbOptions {
  /** grpcs://host:port/path/of/the/database or grpcs://host:port/?database=/path; with grpc:// the server does not ask who calls. */
  readonly url: string
  /** An IAM token; absent: that of the function's or machine's own service account, from its metadata. */
  readonly token?: string | undefined
  /** For one call, its retries included. */
  readonly limitMs?: number
}

/** Back-pressure, lost sessions and nodes that move: the call is made once more, as long as there is time. */
const passing = new Set([
  StatusCode.ABORTED,
  StatusCode.UNAVAILABLE,
  StatusCode.OVERLOADED,
  StatusCode.BAD_SESSION,
  StatusCode.SESSION_EXPIRED,
  StatusCode.SESSION_BUSY,
  StatusCode.UNDETERMINED,
  StatusCode.TRANSPORT_UNAVAILABLE,
  StatusCode.CLIENT_RESOURCE_EXHAUSTED,
])
/** The same of the way to it, by gRPC's own codes: resource exhausted, internal, unavailable. */
const passingOnTheWay = new Set<unknown>([8, 13, 14])
const patience: Options = {
  ...{ retries: 6, minTimeout: 200, maxTimeout: 5_000, randomize: true },
  shouldRetry: ({ error }) =>
    error instanceof YdbError
      ? passing.has((error.constructor as typeof YdbError).status)
      : passingOnTheWay.has((error as { readonly code?: unknown }).code),
}

/** One driver for all calls, each within its time and made again where that is worth it; after a call that failed to connect the next one begins with another. */
export function openConnection({ url, token, limitMs = 25_000 }: YdbOptions) {
  let opened: Driver | undefined
  const driverOf = async (): Promise<Driver> => {
    if (opened) return opened
    const driver = new Driver({
      connectionString: addressOf(url),
      authService: authOf(url, token),
      // No session in advance: one that cannot be had would end the process. The SDK takes a number that is 0 for none given.
      poolSettings: { minLimit: '0' as never, maxLimit: 8 },
      // More than the 4 MB of gRPC's own limit.
      clientOptions: {
        'grpc.max_receive_message_length': mostBytes,
        'grpc.max_send_message_length': mostBytes,
        ...alive,
      },
      logger: silent,
    })
    opened = driver
    endSessionsQuietly(driver)
    try {
      if (await driver.ready(limitMs)) return driver
      throw new Error('no answer')
    } catch (error) {
      leave()
      throw error
    }
  }
  const leave = () => {
    void opened?.destroy().catch(() => undefined)
    opened = undefined
  }
  const withSession = async <T>(work: (session: TableSession) => Promise<T>): Promise<T> =>
    (await driverOf()).tableClient.withSession(work, limitMs)
  return {
    within: <T>(work: (session: TableSession) => Promise<T>): Promise<T> =>
      inTime(limitMs, () => pRetry(() => withSession(work), patience), leave),
    close: async () => {
      const driver = opened
      opened = undefined
      await driver?.destroy()
    },
  }
}

/** Also as the cloud shows it, `grpcs://host:port/?database=/path`, which the SDK would misread. */
function addressOf(url: string): string {
  const { protocol, host, pathname, searchParams } = new URL(url)
  return `${protocol}//${host}${searchParams.get('database') ?? pathname}`
}

const mostBytes = 64_000_000
/** A connection that died while the instance was suspended is found dead. */
const alive = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 2_000 }

/** What the SDK does where nothing waits for it must not end the process: a session that cannot be deleted is over anyway. */
function endSessionsQuietly({ tableClient }: Driver): void {
  const { pool } = tableClient as unknown as { readonly pool: SessionPool }
  pool.deleteSession = async (session) => {
    if (!session.isDeleted()) await session.delete().catch(() => undefined)
    pool.sessions.delete(session)
  }
}

interface SessionPool {
  readonly sessions: Set<TableSession>
  deleteSession: (session: TableSession) => Promise<void>
}

function authOf(url: string, token: string | undefined): IAuthService {
  if (token !== undefined) return new TokenAuthService(token)
  return url.startsWith('grpc://') ? new AnonymousAuthService() : instanceToken()
}

const say = () => undefined
/** What goes wrong is thrown. */
const silent = { fatal: say, error: say, warn: say, info: say, debug: say, trace: say } as never

/** The SDK retries for minutes what is worth it: this ends the waiting, and a retry under way does no harm. @param onLate a connection that does not answer is left */
async function inTime<T>(limitMs: number, work: () => Promise<T>, onLate: () => void): Promise<T> {
  const limit = openTimeLimit(limitMs)
  try {
    return await limit.within(work())
  } catch (cause) {
    if (limit.signal.aborted) onLate()
    const why = limit.signal.aborted ? `no answer within ${limitMs / 1_000} s` : messageOf(cause)
    throw new StoreAway(`YDB: ${why}`, { cause })
  } finally {
    limit.close()
  }
}
