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

export type PictureConfig = Pick<
  StageConfig<'poll'>,
  'MEDIA_URL' | 'MEDIA_CDN_URL' | 'MEDIA_BUCKET' | 'MEDIA_BUCKET_URL'
>

/** Fetches pictures from the platforms, by way of our own address, and from our own bucket; from nowhere else. */
export const picturesOf = (
  { fetch }: Pick<Ports, 'fetch'>,
  config: PictureConfig,
  mostBytes?: number,
): FetchPicture =>
  pictureFetcher({
    fetch,
    ...(mostBytes === undefined ? {} : { mostBytes }),
    hosts: platformNames.flatMap((name) => platformOf(name).pictureHosts),
    ...(config.MEDIA_BUCKET === undefined
      ? {}
      : { bucket: new URL(`${config.MEDIA_BUCKET}/`, `${config.MEDIA_BUCKET_URL}/`).href }),
    origins: [config.MEDIA_URL, config.MEDIA_CDN_URL].flatMap((url) =>
      url === undefined ? [] : [new URL(url).origin],
    ),
    cdnUrl: config.MEDIA_CDN_URL,
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

/** The bucket that copies are made in. undefined: none are made. Throws when a setting of it is missing. */
export function bucketOf(ports: Pick<Ports, 'fetch'>, config: BucketConfig): Bucket | undefined {
  if (config.MEDIA_MODE !== 'copy') return undefined
  const bucket = namedBucket(ports, config)
  if (bucket) return bucket
  throw new Error(
    'invalid settings: MEDIA_MODE=copy needs MEDIA_BUCKET, MEDIA_BUCKET_KEY_ID and MEDIA_BUCKET_SECRET',
  )
}

/** The bucket that the settings name, whether copies are made or not: those of before are removed from it. */
export function namedBucket({ fetch }: Pick<Ports, 'fetch'>, config: BucketConfig): Bucket | undefined {
  const { MEDIA_BUCKET: name, MEDIA_BUCKET_URL: url, MEDIA_BUCKET_REGION: region } = config
  const { MEDIA_BUCKET_KEY_ID: accessKeyId, MEDIA_BUCKET_SECRET: secretAccessKey } = config
  if (name === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return openBucket({ fetch, url, name, region, accessKeyId, secretAccessKey })
}
