import * as z from 'zod'
import { linkOf } from '#shared/db/tables/connect-links.ts'
import { stateOfDeletion } from '#shared/db/tables/deletion-requests.ts'
import { bodyText, type HttpEvent, header } from '#shared/http/http-event.ts'
import { type HttpResponse, Problem, respond } from '#shared/http/problem.ts'
import { languageAccepted } from '#shared/language/accepted.ts'
import { connectable } from '../api/connect.ts'
import { beginConsent, consentOf, hashOfSecret } from '../connect/begin.ts'
import { finishConsent } from '../connect/finish.ts'
import { deauthorize, requestDeletion } from '../connect/meta-callbacks.ts'
import { askingPage, deletionPage, endPage, noLinkPage, troublePage } from '../connect/pages.ts'
import { wordsFor } from '../words.ts'
import { type CallContext, originOf, type Route } from './route.ts'

const wordsOf = (event: HttpEvent) => wordsFor(languageAccepted(header(event, 'accept-language')))

const openRoute = (
  method: Route['method'],
  path: string,
  summary: string,
  handle: (event: HttpEvent, context: CallContext) => Promise<HttpResponse>,
): Route => ({
  ...{ method, path, summary, scope: 'open' as const, status: 200, handle },
  schemas: { answer: z.object({}) },
})

/** The same for people: a page says what goes wrong, too. */
const pageRoute: typeof openRoute = (method, path, summary, handle) =>
  openRoute(method, path, summary, async (event, context) => {
    try {
      return await handle(event, context)
    } catch (error) {
      if (!(error instanceof Problem)) context.log.error({ error }, 'a page for an owner failed')
      return troublePage(
        await wordsOf(event),
        context.settings.agencyName,
        error instanceof Problem ? error.status : 500,
      )
    }
  })

async function foundLink({ db }: CallContext, event: HttpEvent) {
  const link = await linkOf(db, hashOfSecret(event.pathParameters?.['token'] ?? ''))
  const isUsed = link?.is_used ?? false
  return { link: isUsed ? undefined : link, isUsed }
}

/** What owners of accounts see in a browser, and what platforms say of them. */
export const connectPages: readonly Route[] = [
  pageRoute('GET', '/connect/{token}', 'Asks the owner of an account for access', async (event, context) => {
    const { agencyName: agency } = context.settings
    const { link, isUsed } = await foundLink(context, event)
    if (!link) return noLinkPage(await wordsOf(event), agency, isUsed)
    const { consent } = await consentOf(context, link.platform)
    const window = consent.window({ redirect: '', state: '', verifier: '' })
    const { platform, handle } = link
    const windowOrigin = new URL(window).origin
    return askingPage(await wordsOf(event), {
      agency,
      platform,
      handle,
      scopes: consent.scopes,
      windowOrigin,
    })
  }),
  // A look at the link, as programs of mail and chat have, opens no window of the platform.
  pageRoute(
    'POST',
    '/connect/{token}',
    "Leads the owner to the platform's window",
    async (event, context) => {
      const { agencyName: agency } = context.settings
      const { link, isUsed } = await foundLink(context, event)
      if (!link) return noLinkPage(await wordsOf(event), agency, isUsed)
      const { platform, client_id, account_id, made_by: asked_by, id: link_id } = link
      const asked = { platform, client_id, account_id, asked_by, link_id }
      const location = await beginConsent(context, originOf(event, context), asked)
      return respond(303, {}, { location, 'referrer-policy': 'no-referrer' })
    },
  ),
  ...connectable.map((platform) =>
    pageRoute(
      'GET',
      `/v1/connect/${platform}/callback`,
      'Ends a consent: the owner comes back from the platform',
      async (event, context) => {
        const end = await finishConsent(context, platform, event.queryStringParameters ?? {})
        return endPage(await wordsOf(event), context.settings.agencyName, platform, end)
      },
    ),
  ),
  openRoute(
    'POST',
    '/v1/connect/instagram/deauthorize',
    'Instagram says that an owner took the consent back',
    async (event, context) => {
      await deauthorize(context, bodyText(event))
      return respond(200, {})
    },
  ),
  openRoute(
    'POST',
    '/v1/connect/instagram/deletion',
    'Instagram says that an owner wants all data deleted',
    async (event, context) => {
      const confirmation_code = await requestDeletion(context, bodyText(event))
      const url = `${originOf(event, context)}/connect/deletions/${confirmation_code}`
      return respond(200, { url, confirmation_code })
    },
  ),
  pageRoute(
    'GET',
    '/connect/deletions/{code}',
    'How the deletion that an owner asked for stands',
    async (event, { db, settings }) =>
      deletionPage(
        await wordsOf(event),
        settings.agencyName,
        await stateOfDeletion(db, event.pathParameters?.['code'] ?? ''),
      ),
  ),
]
