/**
 * Fields of an account and of its media (Instagram API; Instagram Business Discovery). `id` and `timestamp` are never given up.
 */
const userFields = [
  ...['id', 'username', 'name', 'biography', 'website', 'profile_picture_url'],
  ...['followers_count', 'follows_count', 'media_count'],
]
const mediaFields = [
  ...['id', 'caption', 'media_type', 'media_product_type', 'media_url', 'thumbnail_url', 'permalink'],
  ...['shortcode', 'timestamp', 'like_count', 'comments_count', 'view_count'],
]
const childFields = ['id', 'media_type', 'media_url', 'thumbnail_url']
const essential: ReadonlySet<string> = new Set(['id', 'timestamp', 'username', 'media', 'business_discovery'])

/**
 * The fields to ask for, less those that turned out to be withdrawn; and the size of a page, which shrinks when the
 * platform finds it too heavy. Lives as long as the instance of the function.
 */
export class FieldList {
  readonly #withdrawn = new Set<string>()
  #pageSize: number

  constructor(pageSize: number) {
    this.#pageSize = pageSize
  }

  get pageSize(): number {
    return this.#pageSize
  }

  /** `known`: another call in flight has met the same. `essential`: nothing works without it. */
  giveUp(field: string): 'new' | 'known' | 'essential' {
    if (essential.has(field)) return 'essential'
    if (this.#withdrawn.has(field)) return 'known'
    this.#withdrawn.add(field)
    return 'new'
  }

  /** Of several calls in flight with the same size the first one halves it. False when it cannot be smaller. */
  halve(askedWith: number): boolean {
    if (this.#pageSize < askedWith) return true
    if (this.#pageSize <= 5) return false
    this.#pageSize = Math.floor(this.#pageSize / 2)
    return true
  }

  get user(): string {
    return this.#served(userFields)
  }

  get media(): string {
    const own = this.#served(mediaFields)
    return this.#withdrawn.has('children') ? own : `${own},children{${this.#served(childFields)}}`
  }

  #served(fields: readonly string[]): string {
    return fields.filter((field) => !this.#withdrawn.has(field)).join(',')
  }
}
