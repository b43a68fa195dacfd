import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { useAgent } from 'request-filtering-agent'
import type { Fetch } from '../http/request.ts'

/**
 * Makes requests to addresses that people gave: to none within private networks, of this machine or of the cloud, whatever their names
 * lead to at the moment of connecting. Follows no redirect. @param isAny addresses of private networks too
 */
export const outsideFetch =
  (isAny: boolean): Fetch =>
  (url, { method = 'GET', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const request = url.startsWith('https:') ? httpsRequest : httpRequest
      const agent = useAgent(url, { allowPrivateIPAddress: isAny, allowMetaIPAddress: isAny })
      const options = {
        method,
        agent,
        headers: Object.fromEntries(new Headers(headers)),
        ...(signal ? { signal } : {}),
      }
      const asked = request(url, options, (answer) => {
        const given = Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        )
        const status = answer.statusCode ?? 502
        const content = [204, 205, 304].includes(status) ? null : Readable.toWeb(answer)
        try {
          resolve(new Response(content as ReadableStream | null, { status, headers: given }))
        } catch (error) {
          // A status or a header that no answer may have.
          answer.destroy()
          reject(error)
        }
      })
      asked.on('error', reject)
      asked.end(typeof body === 'string' ? body : undefined)
    })
