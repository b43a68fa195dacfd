import type { AlertCause, Channel } from '../../model/alert.ts'
import type { Queryable } from '../pool.ts'
import { sql } from '../sql.ts'

export interface NewChannel extends Omit<Channel, 'id'> {
  /** null: all. */
  readonly causes: readonly AlertCause[] | null
}

/** A channel as it is shown, never its secret. */
export interface ChannelLine extends Omit<NewChannel, 'sealed_secret'> {
  readonly id: string
  readonly created_at: Date
  readonly last_sent_at: Date | null
  /** Of the newest message, where it was not taken. */
  readonly last_error: string | null
}

/** Makes a channel. undefined: its name is taken. */
export async function makeChannel(tx: Queryable, channel: NewChannel): Promise<string | undefined> {
  const { name, kind, target, sealed_secret, causes, language } = channel
  const [made] = await tx.rows<{ id: string }>(sql`
    insert into alert_channels (name, kind, target, sealed_secret, causes, language)
    values (${name}, ${kind}, ${target}, ${sealed_secret}, ${causes && [...causes]}::text[], ${language})
    on conflict (name) do nothing returning id`)
  return made?.id
}

/** All channels, in the order in which they were made. */
export const listChannels = (db: Queryable) =>
  db.rows<ChannelLine>(sql`
    select c.id, c.name, c.kind, c.target, c.causes, c.language, c.created_at, m.last_sent_at, n.error as last_error
    from alert_channels c
    left join lateral (
      select max(sent_at) as last_sent_at from alert_messages where channel_id = c.id) m on true
    left join lateral (
      select case when sent_at is null then error end as error from alert_messages where channel_id = c.id order by id desc limit 1) n on true
    order by c.id`)

/** One channel with its sealed secret. */
export async function channelOf(db: Queryable, id: string): Promise<Channel | undefined> {
  const [channel] = await db.rows<Channel>(sql`
    select id, name, kind, target, sealed_secret, language from alert_channels where id = ${id}`)
  return channel
}

/** Its name. undefined: there is none. */
export async function removeChannel(tx: Queryable, id: string): Promise<string | undefined> {
  const [gone] = await tx.rows<{ name: string }>(
    sql`delete from alert_channels where id = ${id} returning name`,
  )
  return gone?.name
}
