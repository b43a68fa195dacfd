import pRetry, { type Options } from 'p-retry'
import type { IAuthService, TableSession } from 'ydb-sdk'
import { messageOf, StoreAway } from '../errors.ts'
import { openTimeLimit } from '../http/time-limit.ts'
import { ydb } from './ydb-sdk.ts'

const { AnonymousAuthService, Driver, MetadataAuthService, StatusCode, TokenAuthService, YdbError } = ydb
type Driver = InstanceType<typeof Driver>

export interface YdbOptions {
  /** grpcs://host:port/path/of/the/database or grpcs://host:port/?database=/path; with grpc:// nobody is asked who calls. */
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
const patience: Options = {
  ...{ retries: 6, minTimeout: 200, maxTimeout: 5_000, randomize: true },
  shouldRetry: ({ error }) =>
    error instanceof YdbError && passing.has((error.constructor as typeof YdbError).status),
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
      },
      logger: silent,
    })
    opened = driver
    try {
      if (await driver.ready(limitMs)) return driver
      throw new Error('no answer')
    } catch (error) {
      opened = undefined
      void driver.destroy().catch(() => undefined)
      throw error
    }
  }
  const withSession = async <T>(work: (session: TableSession) => Promise<T>): Promise<T> =>
    (await driverOf()).tableClient.withSession(work, limitMs)
  return {
    within: <T>(work: (session: TableSession) => Promise<T>): Promise<T> =>
      inTime(limitMs, () => pRetry(() => withSession(work), patience)),
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

function authOf(url: string, token: string | undefined): IAuthService {
  if (token !== undefined) return new TokenAuthService(token)
  return url.startsWith('grpc://') ? new AnonymousAuthService() : new MetadataAuthService()
}

const say = () => undefined
/** What goes wrong is thrown. */
const silent = { fatal: say, error: say, warn: say, info: say, debug: say, trace: say } as never

/** The SDK retries for minutes what is worth it: this ends the waiting, and a retry under way does no harm. */
async function inTime<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const limit = openTimeLimit(limitMs)
  try {
    return await limit.within(work())
  } catch (cause) {
    const why = limit.signal.aborted ? `no answer within ${limitMs / 1_000} s` : messageOf(cause)
    throw new StoreAway(`YDB: ${why}`, { cause })
  } finally {
    limit.close()
  }
}
