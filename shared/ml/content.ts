import { hash } from 'node:crypto'
import type { MlContent, MlInput, Salts } from '../model/ml-job.ts'
import type { Medium } from '../model/post.ts'

/** Title and body, as a model reads them; empty when there is nothing to read. */
const textOf = ({ title, body }: { readonly title: string | null; readonly body: string | null }): string =>
  [title, body].flatMap((part) => (part ? [part] : [])).join('\n')

/** The key of the text of a post. null: there is nothing to read. */
export function textKey(
  salts: Salts,
  post: { readonly title: string | null; readonly body: string | null },
): string | null {
  const text = textOf(post).normalize('NFC').replace(/\r\n?/g, '\n').trim()
  return text === '' ? null : contentKey(salts.text, text)
}

/** The key of a picture. null: it is a video, or has no link. */
export const pictureKey = (
  salts: Salts,
  { kind, url, identity }: Pick<Medium, 'kind' | 'url' | 'identity'>,
): string | null =>
  kind === 'image' && url !== null && URL.canParse(url) ? contentKey(salts.picture, identity) : null

/** The first 16 bytes of SHA-256 of the content, in hexadecimal: the same content is paid for once. */
const contentKey = (salt: string, content: string): string => hash('sha256', `${salt}${content}`).slice(0, 32)

/**
 * What a provider is given of a content.
 * @param url of a picture; absent: the platform's own link
 */
export function inputOf(key: string, content: MlContent, url?: string): MlInput {
  if (content.kind === 'picture') {
    const { media_kind: kind } = content
    return { media: [{ id: key.replaceAll('-', '').slice(0, 16), kind, url: url ?? content.url }] }
  }
  return { text: textOf(content), ...(content.lang ? { lang: content.lang } : {}) }
}
