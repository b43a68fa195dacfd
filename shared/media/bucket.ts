import { AwsV4Signer } from 'aws4fetch'
import { RetryableError } from '../errors.ts'
import { type Fetch, request } from '../http/request.ts'
import type { Picture } from './fetch-picture.ts'

export interface BucketOptions {
  readonly fetch: Fetch
  /** Where the S3 API is. */
  readonly url: string
  readonly name: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A bucket of pictures, by the S3 API. */
export interface Bucket {
  put(object: string, picture: Picture): Promise<void>
  /** An object that is not there is removed too. */
  remove(object: string): Promise<void>
  /** An address that anyone may fetch the object by for a week from then on; the same for the same time. */
  presign(object: string, from: Date): Promise<string>
}

/** The longest that S3 allows (Object Storage). */
const weekS = 604_800

export function openBucket(options: BucketOptions): Bucket {
  const { fetch, url, name, region, accessKeyId, secretAccessKey } = options
  const keys = { accessKeyId, secretAccessKey, region, service: 's3' }
  const addressOf = (object: string) => `${url.replace(/\/$/, '')}/${name}/${object}`
  const call = async (method: 'PUT' | 'DELETE', object: string, picture?: Picture) => {
    const body = picture ? new Uint8Array(picture.bytes) : null
    const type = picture ? { 'content-type': picture.type } : {}
    const signed = await new AwsV4Signer({
      ...keys,
      method,
      url: addressOf(object),
      body,
      headers: type,
    }).sign()
    const answer = await request(fetch, signed.url.href, {
      ...{ method, headers: signed.headers, body },
      timeoutMs: 30_000,
    })
    const isDone = answer.status < 300 || (method === 'DELETE' && answer.status === 404)
    if (!isDone)
      throw new RetryableError(`the bucket answered ${answer.status} to ${method}`, {
        ...{ scope: 'pool', reason: 'bucket' },
      })
  }
  return {
    put: (object, picture) => call('PUT', object, picture),
    remove: (object) => call('DELETE', object),
    presign: async (object, from) => {
      const datetime = from.toISOString().replaceAll(/[:-]|\.\d{3}/g, '')
      const address = `${addressOf(object)}?X-Amz-Expires=${weekS}`
      const signed = await new AwsV4Signer({ ...keys, url: address, datetime, signQuery: true }).sign()
      return signed.url.href
    },
  }
}
