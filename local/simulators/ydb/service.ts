import type { MethodDefinition, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import proto from 'ydb-sdk-proto'

const { Ydb, google } = proto
const { StatusCode } = Ydb.StatusIds
export type Any = proto.google.protobuf.IAny

/** What a refusal says. */
export class Refused extends Error {
  readonly status: keyof typeof StatusCode
  constructor(status: keyof typeof StatusCode, message: string) {
    super(message)
    this.status = status
  }
}

/** The call does not reach the node: gRPC's UNAVAILABLE. */
export class Unreachable extends Error {}

interface Encodes {
  encode(message: object): { finish(): Uint8Array }
}
interface Decodes<Message> {
  decode(bytes: Uint8Array): Message
}

export const packed = (type: Encodes, value: object): Any =>
  google.protobuf.Any.create({ type_url: 'type.googleapis.com/Ydb', value: type.encode(value).finish() })

/** A method of a service of YDB, and what answers it. */
export interface Method {
  readonly name: string
  readonly definition: MethodDefinition<object, object>
  readonly handle: (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<object>) => void
}

/** @param before called with the name before each answer; what it throws is answered as a refusal */
export const methodsOf =
  (before: (name: string) => void) =>
  <Request>(
    path: string,
    request: Decodes<Request>,
    response: Encodes,
    answer: (request: Request) => Any | undefined,
  ): Method => {
    const name = path.split('/').at(-1) ?? ''
    const outcome = (call: Request) => {
      try {
        before(name)
        return { ready: true, status: StatusCode.SUCCESS, result: answer(call) }
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        return { ready: true, status: StatusCode[error.status], issues: [{ message: error.message }] }
      }
    }
    const definition = {
      path: `/Ydb.${path}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes: Buffer) => request.decode(bytes) as object,
      responseSerialize: (message: object) => Buffer.from(response.encode(message).finish()),
      responseDeserialize: (bytes: Buffer) => bytes,
    } as const
    return {
      name,
      definition,
      handle: (call, done) => {
        try {
          done(null, { operation: outcome(call.request as Request) })
        } catch (error) {
          if (error instanceof Unreachable) done({ code: 14, message: 'the node went away' })
          else throw error
        }
      },
    }
  }
