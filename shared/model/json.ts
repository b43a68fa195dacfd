/** JSON, or undefined where a text is none: another side may answer with anything. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
