/**
 * What was drawn, kept in a comment of a JPEG (marker COM), where simulated models that cannot see look it up.
 */
export function withComment(jpeg: Buffer, text: string): Buffer {
  const comment = Buffer.from(text)
  const head = Buffer.alloc(4)
  head.writeUInt16BE(0xfffe, 0)
  head.writeUInt16BE(comment.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)])
}

/** The comment of a picture that was drawn here; null: it has none. */
export function commentOf(jpeg: Buffer): string | null {
  if (jpeg.length < 6 || jpeg.readUInt16BE(2) !== 0xfffe) return null
  return jpeg.subarray(6, 4 + jpeg.readUInt16BE(4)).toString()
}
