import { Metadata } from '@grpc/grpc-js'
import type { IAuthService } from 'ydb-sdk'

/** Where a function or machine of Yandex Cloud learns the token of its service account (Compute, metadata). */
const metadataUrl = 'http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token'
/** A token is asked for again so long before its end. */
const aheadMs = 60_000
const limitMs = 5_000

/** The token of the service account of this function or machine, asked for again before it ends: the SDK asks twice at most. */
export function instanceToken(url: string = metadataUrl): IAuthService {
  let token = ''
  let until = Number.NEGATIVE_INFINITY
  return {
    getAuthMetadata: async () => {
      if (performance.now() > until) {
        const response = await fetch(url, {
          headers: { 'metadata-flavor': 'Google' },
          signal: AbortSignal.timeout(limitMs),
        })
        if (!response.ok) throw new Error(`the metadata of this machine has no token: ${response.status}`)
        const answer = (await response.json()) as { access_token: string; expires_in: number }
        token = answer.access_token
        until = performance.now() + answer.expires_in * 1_000 - aheadMs
      }
      return ticket(token)
    },
  }
}

/** The header by which YDB knows who calls. */
function ticket(token: string): Metadata {
  const metadata = new Metadata()
  metadata.add('x-ydb-auth-ticket', token)
  return metadata
}
