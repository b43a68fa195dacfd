import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { removeGivenUp } from '#shared/db/body-store.ts'
import { carryOutDeletion } from '#shared/db/operations/carry-out-deletion.ts'
import { note } from '#shared/db/tables/audit-log.ts'
import { ownersOf, withdrawConsent } from '#shared/db/tables/credentials.ts'
import { openDeletion } from '#shared/db/tables/deletion-requests.ts'
import { Problem } from '#shared/http/problem.ts'
import { jsonOf } from '#shared/model/json.ts'
import { hashHandleOf } from '../call-context.ts'
import type { CallContext } from '../routes/route.ts'

const Payload = z.object({
  algorithm: z.literal('HMAC-SHA256'),
  user_id: z.union([z.string(), z.int()]).transform(String),
  /** Seconds since 1970. */
  issued_at: z.number().optional(),
})

/**
 * Whom a signed request of Meta is about: base64url signature, a dot, base64url payload, HMAC-SHA-256 with the secret of the app
 * (Consent, Instagram). Throws a Problem 400 or 401.
 */
function ownerIn(body: string, secret: string): z.infer<typeof Payload> {
  const [signature = '', payload = ''] = (new URLSearchParams(body).get('signed_request') ?? '').split('.')
  const given = Buffer.from(signature, 'base64url')
  const right = createHmac('sha256', secret).update(payload).digest()
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw new Problem(401, 'unauthorized', 'the signature is not that of our app')
  const text = Buffer.from(payload, 'base64url').toString('utf8')
  const read = Payload.safeParse(jsonOf(text.replace(/("user_id"\s*:\s*)(\d+)/, '$1"$2"')))
  if (!read.success) throw new Problem(400, 'invalid_body', 'signed_request cannot be read')
  return read.data
}

/** An owner took the consent back: the tokens are dead, and the account asks for a new consent. */
export async function deauthorize({ db, metaSecret }: CallContext, body: string): Promise<void> {
  const { user_id, issued_at } = ownerIn(body, secretOf(metaSecret))
  const at = issued_at === undefined ? null : new Date(issued_at * 1_000)
  await db.transaction(async (tx) => {
    for (const account of await ownersOf(tx, 'instagram', user_id)) {
      if (!(await withdrawConsent(tx, account, { reason: 'the owner removed the app', at }))) continue
      await note(tx, { actor: 'instagram', action: 'deauthorize', about: `account ${account}`, details: {} })
    }
  })
}

/** An owner asks for the deletion of all data: the accounts are erased, and never admitted again. Returns the code of the request. */
export async function requestDeletion(context: CallContext, body: string): Promise<string> {
  const { db, log, metaSecret } = context
  const { user_id: app_user_id } = ownerIn(body, secretOf(metaSecret))
  const code = randomBytes(12).toString('base64url')
  const request = { code, platform: 'instagram', app_user_id }
  await openDeletion(db, request)
  try {
    const pages = await carryOutDeletion(db, request, await hashHandleOf(context))
    await removeGivenUp(context, context.signal, pages)
  } catch (error) {
    // It is noted: maintain carries it out.
    log.error({ error, code }, 'data that an owner wants deleted could not be deleted yet')
  }
  return code
}

function secretOf(secret: string | undefined): string {
  if (secret) return secret
  throw new Problem(503, 'not_configured', 'no app of Instagram is set up')
}
