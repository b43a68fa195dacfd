import { styleText } from 'node:util'
import { number } from '../../view/frame.ts'

/** A row of headings. */
export const head = (names: readonly string[]) => names.map((name) => styleText('bold', name))
/** A time in UTC to the minute. */
export const day = (text: string | null) => text?.slice(0, 16).replace('T', ' ') ?? 'never'
/** An account by its handle, else by its id on the platform. */
export const nameOf = ({
  handle,
  native_id,
}: {
  readonly handle: string | null
  readonly native_id: string | null
}) => (handle === null ? (native_id ?? '?') : `@${handle}`)
/** Decimal text as people read it. */
export const count = (text: string | null) => (text === null ? 'hidden' : number(Number(text)))

/** A number with its noun. */
export const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`
