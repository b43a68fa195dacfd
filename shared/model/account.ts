import * as z from 'zod'

/** The name of a platform, as the table platforms has it; `shared/platforms/registry.ts` says which there are. */
export type Platform = string

/** By which right an account is read; decides which calls and fields are open. */
export const AccessMode = z.enum(['public_key', 'own_oauth', 'public_discovery', 'research', 'import'])
export type AccessMode = z.infer<typeof AccessMode>

/** A handle for comparing, whatever the database takes for capitals: two spellings of one name are one account. */
export const foldHandle = (handle: string): string => handle.normalize('NFKC').toLowerCase()

/** Whom to ask about: at least one of handle and native id is known. */
export interface Subject {
  readonly handle: string | null
  readonly native_id: string | null
  /** Access token by which the account is read. null: none is needed. */
  readonly token: string | null
  /** When it was taken to be asked about, by the one clock. */
  readonly claimed_at: Date
}
