import * as z from 'zod'

/** Marks a setting whose value must never be written anywhere. */
export const secret = <Schema extends z.ZodType>(schema: Schema): Schema => schema.meta({ isSecret: true })

/** A key or password; a shorter one could stand in innocent text, where it would be taken out. */
export const Secret = secret(z.string().min(12, 'a secret of 12 characters at least'))
export const OptionalSecret = secret(Secret.optional())

export const isSecret = (schema: z.ZodType): boolean => schema.meta()?.['isSecret'] === true
