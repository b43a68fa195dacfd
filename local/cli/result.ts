/** What a command has to show. */
export interface Result {
  readonly json: unknown
  readonly text: string
  /** false: exit code 1, because something needs a person. */
  readonly isWell: boolean
}

export const result = (json: unknown, text: string, isWell = true): Result => ({ json, text, isWell })
