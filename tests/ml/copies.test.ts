import { createCanvas } from '@napi-rs/canvas'
import { startFauxqs } from 'fauxqs'
import { expect, onTestFinished, test } from 'vitest'
import { deletePosts } from '#shared/db/operations/purge.ts'
import { sql } from '#shared/db/sql.ts'
import { verify } from '#shared/db/views/verify.ts'
import { openBucket } from '#shared/media/bucket.ts'
import { pictureFetcher } from '#shared/media/fetch-picture.ts'
import { simulatedMl } from '../../local/cloud.ts'
import { openChat } from '../../local/simulators/ml/chat.ts'
import { draw, wordsIn } from '../../local/simulators/pictures/draw.ts'
import { openPictures } from '../../local/simulators/pictures/server.ts'
import { openSimulator } from '../../local/simulators/server.ts'
import type { Observation } from '../../local/world/world.ts'
import { openTestWorld } from '../setup/world.ts'

const hour = 3_600_000
const keys = { accessKeyId: 'local', secretAccessKey: 'local-secret-key' }

async function openStore() {
  const store = await startFauxqs({
    port: 0,
    logger: false,
    host: '127.0.0.1',
    init: { buckets: ['pictures'] } as never,
  })
  onTestFinished(() => store.stop())
  const url = `http://127.0.0.1:${store.port}`
  await fetch(`${url}/pictures`, { method: 'PUT' })
  return url
}

/** One picture, whatever the link. */
const openSame = () =>
  openSimulator({
    answer: () => ({ status: 200, body: draw('same', 'SALE'), headers: { 'content-type': 'image/jpeg' } }),
    named: {},
  })

/** A photo, encoded otherwise for each link. */
const openAlike = () =>
  openSimulator({
    answer: ({ path }) => {
      const canvas = createCanvas(800, 600)
      const context = canvas.getContext('2d')
      for (let blot = 0; blot < 40; blot += 1) {
        context.fillStyle = `hsl(${blot * 47}, 60%, ${20 + ((blot * 29) % 60)}%)`
        context.fillRect(
          (blot * 173) % 760,
          (blot * 97) % 560,
          60 + ((blot * 31) % 240),
          50 + ((blot * 53) % 200),
        )
      }
      const quality = 95 - Number(/(\d)\.jpeg$/.exec(path)?.[1] ?? 0) * 15
      return {
        status: 200,
        body: canvas.encodeSync('jpeg', quality),
        headers: { 'content-type': 'image/jpeg' },
      }
    },
    named: {},
  })

/** Three TikTok videos, whose covers a model looks at for two days. */
async function openCopying({ isSame = false, byLooks = false, isChat = false } = {}) {
  const url = await openStore()
  const line = { platform: 'tiktok' as const, account: 'user', at: '2026-01-01T00:00:00.000Z' }
  const user = { open_id: 'open', username: 'user', follower_count: 10, video_count: 3 }
  const observations: Observation[] = [
    { ...line, kind: 'profile', id: 'open', resource: user },
    ...['71', '72', '73'].map(
      (id): Observation => ({
        ...{ ...line, kind: 'post', id },
        resource: {
          ...{ id, create_time: 1_760_000_000, video_description: 'x' },
          cover_image_url: `https://p16-sign.tiktokcdn.com/cover/${id}.jpeg?x-expires=0`,
        },
      }),
    ),
  ]
  const world = await openTestWorld({
    ...{ observations, platforms: ['tiktok'] },
    ml: { durationMs: () => 48 * hour, fetches: true },
    env: {
      MEDIA_MODE: 'copy',
      MEDIA_BUCKET: 'pictures',
      MEDIA_BUCKET_URL: url,
      MEDIA_BUCKET_KEY_ID: keys.accessKeyId,
    },
  })
  const pictures = byLooks
    ? await openAlike()
    : isSame
      ? await openSame()
      : await openPictures({ now: () => world.clock.now() })
  onTestFinished(() => pictures.close())
  const env = {
    ...{ MEDIA_BUCKET_SECRET: keys.secretAccessKey, MEDIA_CDN_URL: pictures.url },
    ...(byLooks ? { MEDIA_SAME: 'looks' } : {}),
    ML_PROVIDERS: simulatedMl({ models: { image: 'image-v1', image_text: 'reader-v1' } }),
  }
  const chat = isChat ? await openChat({ apiKey: 'simulated-key' }) : undefined
  if (chat) onTestFinished(() => chat.close())
  const opened = await world.open(undefined, {
    ...env,
    ...(chat
      ? {
          ML_PROVIDERS: JSON.stringify([
            { name: 'chat', type: 'chat', url: chat.url, models: { image_text: 'm' } },
          ]),
          ML_KEYS: '{"chat": "simulated-key"}',
        }
      : {}),
  })
  onTestFinished(() => opened.close())
  const bucket = openBucket({ fetch, url, name: 'pictures', region: 'ru-central1', ...keys })
  const copies = () =>
    world.db.rows<{ status: string; object: string; bytes: number }>(
      sql`select status, object, bytes from media_copies order by content_key`,
    )
  const isThere = async (object: string) =>
    (await fetch(await bucket.presign(object, new Date()))).status === 200
  const maintain = async (ms: number) => {
    await world.clock.jumpTo(new Date(world.clock.now().getTime() + ms))
    await opened.cloud.triggers.tick('maintain')
  }
  if (chat) await opened.runOnce()
  return { ...world, opened, copies, isThere, maintain, url, pictures, chat: chat?.answered() }
}

test('pictures are copied while their links live, looked at days later by addresses that were signed, and removed', async () => {
  const { db, opened, copies, isThere, maintain, pictures } = await openCopying()
  await opened.cloud.triggers.tick('extract-tiktok')
  await opened.runOnce()
  const made = await db.rows<{ status: string; result: string }>(sql`
    select j.status, a.result::text as result from ml_jobs j left join annotations a on a.ml_job_id = j.id
    where j.kind = 'image_text'`)
  expect(made.map(({ status }) => status)).toEqual(['done', 'done', 'done'])
  // Read from the copy: the simulated model finds what was drawn for the link.
  const drawn = ['71', '72', '73'].flatMap((id) => wordsIn(`p16-sign.tiktokcdn.com/cover/${id}.jpeg`) ?? [])
  expect(drawn).not.toEqual([])
  for (const words of drawn) expect(made.some(({ result }) => result.includes(words))).toBe(true)
  const copied = await copies()
  expect(copied.map(({ status }) => status)).toEqual(['copied', 'copied', 'copied'])
  for (const { object } of copied) expect(await isThere(object)).toBe(true)
  expect([...pictures.calls.values()].every((calls) => calls === 1)).toBe(true)
  await maintain(2 * hour)
  expect(await copies()).toEqual([])
  for (const { object } of copied) expect(await isThere(object)).toBe(false)
  expect(await verify(db)).toEqual([])
})

test('the same picture under three links is copied and looked at once, also when its posts are read again', async () => {
  const { db, opened, copies } = await openCopying({ isSame: true })
  await opened.runOnce()
  expect(await copies()).toHaveLength(1)
  const done = sql`select kind from ml_jobs where status = 'done' order by kind`
  expect(await db.rows(done)).toEqual([{ kind: 'image' }, { kind: 'image_text' }])
  expect(
    await db.rows(
      sql`select count(distinct post_id)::int as posts from post_annotations where kind = 'image_text'`,
    ),
  ).toEqual([{ posts: 3 }])
  // As when a release reads its answers once more.
  await db.rows(
    sql`update raw_pages set status = 'stored', attempts = 0, retry_at = app_now(), settled_at = null, transform_version = 1`,
  )
  await db.rows(sql`update post_latest set detail_hash = null, listing_hash = null`)
  await opened.cloud.triggers.tick('poll')
  await opened.followThrough()
  expect(await db.rows(done)).toEqual([{ kind: 'image' }, { kind: 'image_text' }])
  expect(await db.rows(sql`select distinct content_key from post_media`)).toHaveLength(1)
  expect(await db.rows(sql`select from sync_tasks where status not in ('done')`)).toEqual([])
  expect(await verify(db)).toEqual([])
})

test('labels are taken over between pictures that look the same, and text is read in each', async () => {
  const { db, opened, copies } = await openCopying({ byLooks: true })
  await opened.runOnce()
  expect(new Set((await copies()).map(({ bytes }) => bytes)).size).toBe(3)
  const [first] = await db.rows<{ id: string }>(
    sql`select id from ml_jobs where kind = 'image' and status = 'done' order by id`,
  )
  expect(first).toBeDefined()
  // Those that follow: a picture that comes later looks the same.
  await db.rows(sql`update annotations set result = '{"items": [{"status": "ok", "labels": [{"name": "taken over"}]}]}'
    where ml_job_id = ${first?.id ?? null}`)
  const others = sql`kind = 'image' and id <> ${first?.id ?? null}`
  await db.rows(sql`delete from annotations where ml_job_id in (select id from ml_jobs where ${others})`)
  await db.rows(sql`delete from ml_finds where kind = 'image'`)
  await db.rows(sql`
    update ml_jobs set status = 'planned', provider_job_id = null, finished_at = null, next_at = app_now(), model_version = null where ${others}`)
  const [before] = await db.rows<{ sent: number }>(sql`select sum(sent)::int as sent from ml_spending`)
  await opened.cloud.triggers.tick('poll')
  const names = await db.rows(sql`select distinct name from post_finds where what = 'label'`)
  expect(names).toEqual([{ name: 'taken over' }])
  expect(await db.rows(sql`select sum(sent)::int as sent from ml_spending`)).toEqual([before])
  expect(
    await db.rows(sql`select from ml_jobs where kind = 'image_text' and provider_job_id like 'same as %'`),
  ).toEqual([])
})

test('a chat model is sent the copy itself, from our bucket and no other', async () => {
  const { url, db, copies, chat } = await openCopying({ isChat: true })
  const read = sql`select status, count(*)::int as jobs from ml_jobs where kind = 'image_text' group by 1`
  expect(await db.rows(read)).toEqual([{ status: 'done', jobs: 3 }])
  expect(chat).toBe(3)
  const [one] = await copies()
  const fetchPicture = pictureFetcher({ fetch, hosts: [], origins: [], bucket: `${url}/pictures/` })
  const bucket = (name: string) => openBucket({ fetch, url, name, region: 'ru-central1', ...keys })
  const now = new Date()
  expect(
    await fetchPicture(await bucket('pictures').presign(one?.object ?? '', now), undefined),
  ).toMatchObject({
    type: 'image/jpeg',
  })
  for (const other of [await bucket('others').presign('a', now), `${url}/pictures/../others/a`])
    await expect(fetchPicture(other, undefined)).rejects.toMatchObject({ reason: 'no_picture' })
})

test('while jobs are open a copy stays; one whose post is deleted goes', async () => {
  const { db, opened, copies, isThere, maintain } = await openCopying()
  const stop = opened.runOnce()
  for (;;) {
    const submitted = await db.rows(sql`select from ml_jobs where status = 'submitted'`)
    if (submitted.length === 6) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const before = await copies()
  await opened.cloud.triggers.tick('maintain')
  expect(await copies()).toEqual(before)
  const [first] = await db.rows<{ id: string; object: string }>(sql`
    select p.id, c.object from posts p join post_media m on m.post_id = p.id join media_copies c on c.content_key = m.content_key
    order by p.id limit 1`)
  await db.transaction((tx) => deletePosts(tx, [first?.id ?? '']))
  await stop.catch(() => undefined)
  await maintain(2 * hour)
  expect((await copies()).map(({ object }) => object)).not.toContain(first?.object)
  expect(await isThere(first?.object ?? '')).toBe(false)
})

test('retention keeps pictures as thumbnails only as long as their platform allows', async () => {
  const { db, opened, copies, maintain } = await openCopying()
  await opened.runOnce()
  await db.rows(sql`update retention set keep_days = 60 where field_group = 'pictures'`)
  // TikTok's are for the job alone.
  await maintain(2 * hour)
  expect(await copies()).toEqual([])
  await db.rows(sql`
    insert into media_copies (content_key, platform, status, object, bytes, copied_at)
    select content_key, 'instagram', 'copied', 'pictures/a', 1, app_now() from ml_jobs limit 1`)
  await maintain(20 * 24 * hour)
  expect(await copies()).toHaveLength(1)
  await maintain(11 * 24 * hour)
  expect(await copies()).toEqual([])
})
