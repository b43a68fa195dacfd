import { hash } from 'node:crypto'
import type { PlannedJob } from '#shared/model/ml-job.ts'
import type { PostRecord } from '#shared/model/post.ts'

export interface Models {
  readonly text: string
  readonly image: string
}

/**
 * Which ML jobs a post deserves: `text` when it has a title or a body, `image` for each cover whose
 * link lasts. Keys are by content,
 * so the same text or picture is paid for once, wherever it appears.
 */
export function planMl(record: PostRecord, models: Models): PlannedJob[] {
  if (record.group !== 'detail') return []
  const { title, body } = record.listing
  const text = [title, body].flatMap((part) => (part ? [part] : [])).join('\n')
  const lang = record.detail.lang
  const jobs: PlannedJob[] = []
  if (text.trim() !== '') {
    const input_key = keyOf('text', models.text, text.normalize('NFC').replace(/\r\n?/g, '\n').trim())
    jobs.push({
      kind: 'text',
      model: models.text,
      input_key,
      input: { text, ...(lang ? { lang } : {}) },
      medium: null,
    })
  }
  for (const { role, position, kind, url, url_expires_at, identity } of record.media) {
    if (role !== 'cover' || kind !== 'image' || url === null || !URL.canParse(url)) continue
    // A job may begin days later, when a signed link is dead.
    if (url_expires_at !== null) continue
    const input_key = keyOf('image', models.image, identity)
    const media = [{ id: input_key.slice(0, 16), kind, url }]
    jobs.push({ kind: 'image', model: models.image, input_key, input: { media }, medium: { role, position } })
  }
  return jobs
}

/** SHA-256, hexadecimal, of kind, model and content. */
function keyOf(kind: string, model: string, content: string): string {
  return hash('sha256', `${kind}|${model}|${content}`)
}
