import * as z from 'zod'
import { normOf } from './brand.ts'

const hasNoNul = (text: string) => text.isWellFormed() && !text.includes('\0')

/** The name of a client, as it is shown; other spellings with the same letters and digits mean the same client. */
export const ClientName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine(hasNoNul, 'text')
  .refine((name) => normOf(name) !== '', 'at least one letter or digit')

/** A word to find accounts by. Small letters, whatever was given. */
const Tag = z
  .string()
  .trim()
  .max(50)
  .transform((tag) => tag.normalize('NFC').toLowerCase())
  .pipe(z.string().regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]*$/u, 'letters, digits, spaces, dots, dashes'))

export const Tags = z.array(Tag).max(20)
