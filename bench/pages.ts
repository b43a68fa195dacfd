import { readDataset } from '../local/world/dataset.ts'
import { postLife } from '../local/world/life.ts'
import { idOf } from '../local/world/random.ts'
import { videoResource } from '../local/world/youtube-resources.ts'

/** One account and its detailed answers, each with up to fifty videos, as they came from the platform. */
export interface BenchAccount {
  readonly id: string
  readonly pages: readonly string[]
}

export interface BenchPages {
  readonly name: string
  readonly posts: number
  /** `changed`: every counter has grown since. */
  pages(changed: boolean): BenchAccount[]
  /** Counters that have grown so many times, and one post in a hundred, each time others, has another title. */
  edited(times: number): BenchAccount[]
}

type Video = Readonly<Record<string, unknown>> & { readonly statistics?: { readonly viewCount?: string } }

const perPage = 50
const start = new Date('2026-11-01T00:00:00Z')

/** Pages of the generated world, at least so many posts; or of a recorded dataset, each post as seen last. */
export async function readPages(least: number, dataset: string | undefined): Promise<BenchPages> {
  const accounts = dataset ? await recorded(dataset) : generated(least)
  const posts = accounts.reduce((sum, { videos }) => sum + videos.length, 0)
  const pages = (changed: boolean) =>
    accounts.map(({ id, videos }) => ({
      id,
      pages: pagesOf(changed ? videos.map((video) => grown(video, 1)) : videos),
    }))
  const edited = (times: number) =>
    accounts.map(({ id, videos }, place) => ({
      id,
      pages: pagesOf(
        videos.map((video, number) =>
          (place + number + times) % 100 === 1 ? renamed(grown(video, times), times) : grown(video, times),
        ),
      ),
    }))
  return { name: dataset ? `recorded dataset ${dataset}` : 'generated world', posts, pages, edited }
}

interface Account {
  readonly id: string
  readonly videos: readonly Video[]
}

function generated(least: number): Account[] {
  const perAccount = 100
  return Array.from({ length: Math.ceil(least / perAccount) }, (_, index) => {
    const id = `UC${idOf(`bench ${index}`, 22)}`
    const videos = Array.from({ length: perAccount }, (_unused, number) => {
      const life = postLife('bench', id, number, start)
      return videoResource(id, idOf(life.key, 11), life, start.getTime())
    })
    return { id, videos }
  })
}

async function recorded(folder: string): Promise<Account[]> {
  const last = new Map<string, { account: string; resource: Video | null }>()
  for (const line of await readDataset(folder, ['youtube']))
    if (line.kind === 'post') last.set(line.id, { account: line.account, resource: line.resource })
  const byAccount = Map.groupBy([...last.values()], ({ account }) => account)
  return [...byAccount].map(([id, posts]) => ({
    id,
    videos: posts.flatMap(({ resource }) => (resource ? [resource] : [])) as Video[],
  }))
}

function pagesOf(videos: readonly Video[]): string[] {
  return Array.from({ length: Math.ceil(videos.length / perPage) }, (_, index) => {
    const items = videos.slice(index * perPage, (index + 1) * perPage)
    const pageInfo = { totalResults: items.length, resultsPerPage: items.length }
    return JSON.stringify({ kind: 'youtube#videoListResponse', etag: `e${index}`, pageInfo, items })
  })
}

function grown(video: Video, times: number): Video {
  const views = String(Number(video.statistics?.viewCount ?? 0) + times)
  return { ...video, statistics: { ...video.statistics, viewCount: views } }
}

const renamed = (video: Video, times: number): Video => ({
  ...video,
  etag: 'edited',
  snippet: { ...(video['snippet'] as object), title: `Edited ${times}` },
})
