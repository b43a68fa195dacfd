import type * as z from 'zod'
import type { ConnectPlace, CredentialView, LinkView } from '#functions/sync/api/connect.ts'
import { columns } from '../../view/frame.ts'
import { day, head } from './text.ts'

/** What to register with each platform. */
export const placesText = (places: readonly z.output<typeof ConnectPlace>[]) =>
  columns([
    head(['platform', 'app', 'what', 'to register, to the letter']),
    ...places.flatMap(({ platform, is_set_up, redirect, deauthorize, deletion }) => [
      [platform, is_set_up ? 'set up' : 'not set up', 'redirect', redirect],
      ...(deauthorize ? [['', '', 'deauthorize', deauthorize]] : []),
      ...(deletion ? [['', '', 'data deletion', deletion]] : []),
    ]),
  ])

export const linksText = (links: readonly z.output<typeof LinkView>[]) =>
  columns([
    head(['id', 'platform', 'client', 'state', 'until (UTC)', 'account', 'last try']),
    ...links.map((link) => [
      ...[link.id, link.platform, link.client ?? '', link.state, day(link.expires_at)],
      ...[link.connected_account_id ?? link.account_id ?? '', (link.last_outcome ?? '').replaceAll('_', ' ')],
    ]),
  ])

export const consentsText = (consents: readonly z.output<typeof CredentialView>[]) =>
  columns([
    head(['id', 'platform', 'account', 'state', 'renewed (UTC)', 'ends (UTC)', '']),
    ...consents.map((consent) => [
      ...[consent.id, consent.platform, consent.account ?? 'of others', consent.status.replaceAll('_', ' ')],
      ...[day(consent.renewed_at ?? consent.created_at), day(consent.ends_at), consent.status_reason ?? ''],
    ]),
  ])
