import { createHmac } from 'node:crypto'
import { sql } from '#shared/db/sql.ts'
import { loginApp } from '../../local/simulators/instagram/consent.ts'
import type { Observation } from '../../local/world/world.ts'
import { openApi } from './api.ts'
import { people } from './instagram.ts'

const line = { platform: 'tiktok' as const, at: '2026-01-01T00:00:00.000Z' }
const tiktokers = ['tom', 'tam'].map(
  (username): Observation => ({
    ...line,
    ...{ account: username, kind: 'profile', id: `open-${username}` },
    resource: { open_id: `open-${username}`, username, follower_count: 10, video_count: 0 },
  }),
)

/** The API over a few owners of accounts, none of which is followed. */
export async function openOwners(env: Record<string, string | undefined> = {}) {
  const observations = [
    ...people([
      { username: 'a.brand', posts: 2 },
      { username: 'b.brand', posts: 1 },
    ]),
    ...tiktokers,
  ]
  const api = await openApi({ observations, platforms: [], env: { AGENCY_NAME: 'Agency <One>', ...env } })
  const makeLink = async (asked: object) => {
    const { status, body } = await api.call('POST', '/v1/connect-links', asked)
    return { status, ...(body as unknown as { id: string; url: string; expires_at: string }) }
  }
  const accounts = () =>
    api.world.db.rows(sql`
      select a.platform, a.handle, a.access_mode, a.status, c.name as client from accounts a
      left join clients c on c.id = a.client_id order by a.id`)
  return { ...api, makeLink, accounts }
}

/** What Meta signs. */
export const signed = (payload: object, secret: string = loginApp.secret) => {
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  const signature = createHmac('sha256', secret).update(text).digest('base64url')
  return new URLSearchParams({ signed_request: `${signature}.${text}` })
}
