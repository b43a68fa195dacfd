import type { MediaDoor } from '../media/address.ts'
import { type Bucket, openBucket } from '../media/bucket.ts'
import { type FetchPicture, pictureFetcher } from '../media/fetch-picture.ts'
import { platformNames, platformOf } from '../platforms/index.ts'
import type { StageConfig } from './config.ts'
import type { Ports } from './ports.ts'

type DoorConfig = Pick<StageConfig<'poll'>, 'MEDIA_MODE' | 'MEDIA_URL' | 'MEDIA_KEY'>

/** Where ML providers fetch pictures that are not copied. undefined: by the platforms' own links. */
export function mediaDoor({ MEDIA_MODE, MEDIA_URL: url, MEDIA_KEY: key }: DoorConfig): MediaDoor | undefined {
  return MEDIA_MODE !== 'passthrough' && url !== undefined && key !== undefined ? { url, key } : undefined
}

/** Fetches pictures from the platforms, by way of our own address; from nowhere else. */
export const picturesOf = (
  { fetch }: Pick<Ports, 'fetch'>,
  { MEDIA_URL, MEDIA_CDN_URL }: Pick<StageConfig<'poll'>, 'MEDIA_URL' | 'MEDIA_CDN_URL'>,
  mostBytes?: number,
): FetchPicture =>
  pictureFetcher({
    fetch,
    ...(mostBytes === undefined ? {} : { mostBytes }),
    hosts: platformNames.flatMap((name) => platformOf(name).pictureHosts),
    origins: [MEDIA_URL, MEDIA_CDN_URL].flatMap((url) => (url === undefined ? [] : [new URL(url).origin])),
    cdnUrl: MEDIA_CDN_URL,
  })

type BucketConfig = Pick<
  StageConfig<'maintain'>,
  | 'MEDIA_MODE'
  | 'MEDIA_BUCKET'
  | 'MEDIA_BUCKET_URL'
  | 'MEDIA_BUCKET_REGION'
  | 'MEDIA_BUCKET_KEY_ID'
  | 'MEDIA_BUCKET_SECRET'
>

/** The bucket of copies. undefined: none are made. Throws when a setting of it is missing. */
export function bucketOf({ fetch }: Pick<Ports, 'fetch'>, config: BucketConfig): Bucket | undefined {
  if (config.MEDIA_MODE !== 'copy') return undefined
  const { MEDIA_BUCKET: name, MEDIA_BUCKET_URL: url, MEDIA_BUCKET_REGION: region } = config
  const { MEDIA_BUCKET_KEY_ID: accessKeyId, MEDIA_BUCKET_SECRET: secretAccessKey } = config
  if (name === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new Error(
      'invalid settings: MEDIA_MODE=copy needs MEDIA_BUCKET, MEDIA_BUCKET_KEY_ID and MEDIA_BUCKET_SECRET',
    )
  return openBucket({ fetch, url, name, region, accessKeyId, secretAccessKey })
}
