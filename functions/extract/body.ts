/** A body as PostgreSQL can hold it: U+0000 becomes U+FFFD, and how often. */
export function storable(body: string): { readonly text: string; readonly nuls: number } {
  const nuls = body.includes('\u0000') ? body.split('\u0000').length - 1 : 0
  return { nuls, text: nuls > 0 ? body.replaceAll('\u0000', '\ufffd') : body }
}
