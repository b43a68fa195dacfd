/** A body as PostgreSQL can hold it, in UTF-8: U+0000 becomes U+FFFD, and how often. */
export function storable(body: string): { readonly bytes: Buffer; readonly nuls: number } {
  const nuls = body.includes('\u0000') ? body.split('\u0000').length - 1 : 0
  return { nuls, bytes: Buffer.from(nuls > 0 ? body.replaceAll('\u0000', '\ufffd') : body) }
}
