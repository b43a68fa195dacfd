import * as z from 'zod'
import { jsonOf } from './json.ts'

/** Marks a setting whose value must never be written anywhere. */
export const secret = <Schema extends z.ZodType>(schema: Schema): Schema => schema.meta({ isSecret: true })

/** A key or password; a shorter one could stand in innocent text, where it would be taken out. */
export const Secret = secret(z.string().min(12, 'a secret of 12 characters at least'))
export const OptionalSecret = secret(Secret.optional())

const withoutPassword = (url: string): boolean => {
  if (!URL.canParse(url)) return true
  const { username, password } = new URL(url)
  return username === '' && password === ''
}

/** An address of a server. It is no secret and may be written anywhere, so it has no password in it: that is a setting of its own. */
export const Address = z
  .url({ protocol: /^https?$/ })
  .refine(withoutPassword, 'has a name or password in it, which belongs into a secret of its own')

/** A setting that is JSON of that shape. */
export const fromJson = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context) => {
      const json = jsonOf(text)
      if (json === undefined) context.addIssue({ code: 'custom', message: 'is no JSON' })
      return json
    })
    .pipe(schema as z.ZodType<z.output<Schema>, unknown>)

export const isSecret = (schema: z.ZodType): boolean => schema.meta()?.['isSecret'] === true
