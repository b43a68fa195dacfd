/** If none of this many known ids is found, the answer is at fault, not the ids. */
const many = 3

/**
 * Ids that an answer says nothing of, since it is not to be believed about what it leaves out: it holds what was not asked
 * about, or of many that were there before it finds none. An error must never make anything look gone.
 * @param found ids in the answer; undefined: an item without one
 */
export function untold(asked: readonly string[], found: ReadonlySet<string | undefined>): readonly string[] {
  const wanted = new Set(asked)
  const isStrange = [...found].some((id) => id === undefined || !wanted.has(id))
  const isTrusted = !isStrange && (found.size > 0 || wanted.size < many)
  return isTrusted ? [] : [...wanted].filter((id) => !found.has(id))
}
