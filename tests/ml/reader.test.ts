import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Checked } from '../../local/ml-check/checks.ts'
import { pythonReady, serverFolder } from '../../local/ml-server/setup.ts'
import { type MlServer, startMlServer } from '../../local/ml-server/start.ts'
import { draw } from '../../local/simulators/pictures/draw.ts'
import { closeServer, portOf } from '../../local/simulators/server.ts'
import { mlSuite } from '../ml.suite.ts'

const python = pythonReady()
const hasRussian =
  spawnSync('tesseract', ['--list-langs'], { encoding: 'utf8' }).stdout?.split('\n').includes('rus') ?? false

const latin = [
  ...['Aurora Runners', 'Maison Clairet', 'Nordlys Audio', 'FLASH SALE', 'Spring Capsule', 'HONEST REVIEW'],
  ...['Save 25% now', 'Street food tour', 'GIVEAWAY', 'Promo code PINE15', 'Back in stock', 'Made by hand'],
]
const russian = [
  ...['Кофейня Зерно', 'Дом Света', 'Полюс Туризм', 'ЛЕТНЯЯ РАСПРОДАЖА', 'Скидка 15% всем', 'Вопрос дня'],
  ...['Не покупай это', 'Рецепт борща', 'Розыгрыш призов', 'Моя история', 'Сравнение цен', 'ПРЕМЬЕРА'],
]

/** Pictures by the words in their addresses; `/moved/…` leads there, `/late` comes a moment later, `/gone` not at all. */
async function servePictures() {
  let isLate = true
  const server = createServer(({ url = '' }, response) => {
    const path = decodeURIComponent(url)
    const [, moved] = /^\/moved(\/.*)$/.exec(path) ?? []
    if (moved) return void response.writeHead(302, { location: encodeURI(moved) }).end()
    if (path === '/gone') return void response.writeHead(410).end()
    if (path === '/page') return void response.end('<html>')
    const isFirst = path === '/late' && isLate
    isLate &&= path !== '/late'
    if (isFirst) return void response.writeHead(503, { 'retry-after': '1' }).end()
    const [, seed = '', words = 'LATE'] = /^\/picture\/(\d+)\/(.*)$/.exec(path) ?? []
    response.end(draw(`reading ${seed}`, words === '' ? null : words))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${portOf(server)}`, close: () => closeServer(server) }
}

const folder = mkdtempSync(join(tmpdir(), 'social-sync-reader-'))
let server: MlServer
let pictures: Awaited<ReturnType<typeof servePictures>>

const start = (data = join(folder, 'jobs.db')) => startMlServer({ data, say: () => undefined })

interface Item {
  readonly status: string
  readonly texts?: readonly { readonly text: string }[]
  readonly error?: { readonly code: string }
}

async function send(
  url: string,
  type: string,
  input: object,
  key: string = crypto.randomUUID(),
): Promise<string> {
  const answer = await fetch(`${url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ type, input }),
  })
  return ((await answer.json()) as { job_id: string }).job_id
}

async function finished(url: string, id: string): Promise<Item> {
  for (;;) {
    const job = (await (await fetch(`${url}/jobs/${id}`)).json()) as {
      status: string
      result?: { items: Item[] }
    }
    const [item] = job.result?.items ?? []
    if (item) return item
    if (job.status === 'done') throw new Error(JSON.stringify(job))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const picture = (path: string) => ({
  media: [{ id: 'm', kind: 'image', url: `${pictures.url}${encodeURI(path)}` }],
})
const read = async (path: string) => finished(server.url, await send(server.url, 'image_text', picture(path)))
const wordsOf = ({ texts = [] }: Item) => texts.flatMap(({ text }) => text.split(' '))

/** The share of words that were read as they were drawn. */
async function rate(words: readonly string[], times: number): Promise<number> {
  const drawn = Array.from({ length: times }, (_, seed) => words.map((text) => ({ text, seed }))).flat()
  const items = await Promise.all(drawn.map(({ text, seed }) => read(`/picture/${seed}/${text}`)))
  const hits = items.map((item, place) => {
    const found = wordsOf(item)
    return (drawn[place]?.text ?? '').split(' ').map((word) => found.includes(word))
  })
  return hits.flat().filter(Boolean).length / hits.flat().length
}

describe.skipIf(!python)(
  `ml-server (${python ? 'as it is set up' : 'needs its Python: npm run ml -- --setup'})`,
  () => {
    beforeAll(async () => {
      pictures = await servePictures()
      server = await start()
    }, 120_000)
    afterAll(async () => {
      await server?.close()
      await pictures?.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const checked = (kind: Checked['kind']) => async (): Promise<Checked> => ({
      ...{ url: server.url, kind, waitMs: 60_000 },
      picture: `${pictures.url}/moved/picture/1/SALE`,
    })
    mlSuite('ml-server, text', checked('text'))
    mlSuite('ml-server, image_text', checked('image_text'))

    const times = inject('isFull') ? 5 : 1
    test.runIf(inject('isFull'))(
      'it reads 95 of 100 Latin words that were drawn, and where nothing stands at most one character',
      async () => {
        expect(await rate(latin, times)).toBeGreaterThanOrEqual(0.95)
        const none = await Promise.all(
          Array.from({ length: 6 * times }, (_, seed) => read(`/picture/${seed}/`)),
        )
        expect(none.flatMap(wordsOf).join('').length).toBeLessThanOrEqual(1)
      },
      120_000,
    )

    test.skipIf(!hasRussian)(
      `it reads 80 of 100 Russian words that were drawn${hasRussian ? '' : ' (needs tesseract-ocr-rus)'}`,
      async () => {
        expect(await rate(russian, times)).toBeGreaterThanOrEqual(0.8)
      },
      120_000,
    )

    test('the language of a text is named, and how it feels where that is known', async () => {
      const look = async (text: string) => finished(server.url, await send(server.url, 'text', { text }))
      expect(await look('I love these new shoes, they are great! @nike')).toMatchObject({
        ...{ lang: 'en', mentions: ['nike'], sentiment: expect.any(Number) },
      })
      expect(await look('Сегодня мы покажем новую коллекцию обуви')).toMatchObject({
        lang: 'ru',
        sentiment: null,
      })
      expect(await look('#ad')).toMatchObject({ lang: null, sentiment: null })
    })

    test('a picture that comes later is waited for; one that is gone, or is none, is said to be so', async () => {
      expect(wordsOf(await read('/late'))).toEqual(['LATE'])
      for (const path of ['/gone', '/page'])
        expect(await read(path)).toMatchObject({ status: 'error', error: { code: 'fetch_failed' } })
    })

    /** What a few lines of Python print, with the modules of the server. */
    const tried = (lines: readonly string[]) =>
      spawnSync(python ?? '', ['-c', lines.join('\n')], { cwd: serverFolder, encoding: 'utf8' })

    test('a picture on a private address is fetched only where that is allowed', () => {
      const fetches = (url: string, isAllowed: boolean) =>
        tried([
          'from fetch import Unusable, fetch',
          'try:',
          `    print(len(fetch("${url}", allow_private=${isAllowed ? 'True' : 'False'})))`,
          'except Unusable as error:',
          '    print(error)',
        ]).stdout
      const own = `${pictures.url}/picture/1/SALE`
      // The pictures are served by this process, which waits for Python meanwhile: only refusals are looked at.
      expect(fetches(own, false)).toBe('127.0.0.1 is a private address\n')
      for (const url of ['file:///etc/passwd', 'ftp://127.0.0.1/a', 'nothing'])
        expect(fetches(url, true)).toMatch(/^(it cannot be fetched|unknown url type)/)
    })

    test('a job that ends the process is begun twice, and then has failed', () => {
      const { stdout } = tried([
        'from jobs import Jobs',
        `path = "${join(folder, 'crash.db')}"`,
        'job = Jobs(path).add("k", "text", {"text": "a"})',
        'for _ in range(3): print(Jobs(path).take() is not None)',
        'print(Jobs(path).find([job["id"]])[0]["state"])',
      ])
      expect(stdout.split('\n').slice(0, 4)).toEqual(['True', 'True', 'False', 'failed'])
    })

    test('a restart loses no job', async () => {
      const data = join(folder, 'restart.db')
      const first = await start(data)
      const ids = await Promise.all(
        Array.from({ length: 8 }, (_, seed) =>
          send(first.url, 'image_text', picture(`/picture/${seed}/SALE`), `k${seed}`),
        ),
      )
      await first.close()
      const second = await start(data)
      onTestFinished(() => second.close())
      expect(await send(second.url, 'image_text', picture('/picture/0/SALE'), 'k0')).toBe(ids[0])
      for (const id of ids) expect(wordsOf(await finished(second.url, id))).toEqual(['SALE'])
    }, 120_000)
  },
)
