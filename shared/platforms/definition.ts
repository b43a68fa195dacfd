import type * as z from 'zod'
import type { Fetch } from '../http/request.ts'
import type { AccessMode } from '../model/account.ts'
import type { FreshTokens } from '../model/credential.ts'
import type { Calls } from './calls.ts'
import type { Consent } from './consent.ts'
import type { Connector, PageRecords } from './platform.ts'
import type { SliceRule } from './slices.ts'
import type { TextRules } from './text/rules.ts'

/** Settings as zod reads them from the environment. */
export type SettingShape = Readonly<Record<string, z.ZodType>>
type Values<Shape extends SettingShape> = { readonly [Name in keyof Shape]: z.output<Shape[Name]> }

/** What a connector is opened with. */
interface Opening<Settings> {
  readonly fetch: Fetch
  readonly settings: Settings
  /** Called once for each field that the platform serves no more: its column stays NULL, the rest goes on. */
  readonly onWithdrawn: (field: string) => void
}

/** One right by which accounts of a platform are read. */
interface Access<Reading, Planning> {
  /** By whose token: the owner's of each account, one that serves many, or none. */
  readonly token: 'own' | 'shared' | null
  /** null: a setting that it takes is missing. */
  connector(opening: Opening<Reading>): Connector | null
  calls(settings: Planning): Calls
}

/** How people name accounts. */
interface Handles {
  /** What may be a handle, with or without @. */
  readonly pattern: RegExp
  /** The same in words. */
  readonly says: string
  /** Whether a name is an id of the platform's own and no handle. */
  isNativeId(name: string): boolean
  /** The address of an account's page; the first group of the path is its name. */
  readonly page: { readonly host: RegExp; readonly path: RegExp }
  /** Other addresses of the platform, by their host and path, and what they are instead, in words. Looked through first. */
  readonly others: readonly { readonly address: RegExp; readonly says: string }[]
}

/** What a consent gives. null instead: no account is read by a token. */
interface Tokens<Renewing, Connecting> {
  /** Whether one token may serve accounts of others. */
  readonly canBeShared: boolean
  /** Whether access tokens end so soon that a refresh token must come with them. */
  readonly needRefresh: boolean
  /** Access tokens that end within so many minutes are renewed. */
  readonly aheadMinutes: number
  /** Exchanges the refresh token, or where there is none the access token itself. null: a setting is missing. */
  renewal(
    fetch: Fetch,
    settings: Renewing,
  ): ((token: string, signal: AbortSignal) => Promise<FreshTokens>) | null
  /** How owners grant access. null: a setting of the app is missing. */
  consent(fetch: Fetch, settings: Connecting): Consent | null
}

interface Typed<Reading, Planning, Renewing, Connecting> {
  /** As rows and settings have it. */
  readonly name: string
  /** As people write it. */
  readonly title: string
  /** What a person is to do when the platform refuses the app, in plain words. */
  readonly appRemedy: string
  readonly handles: Handles
  /** How mentions and tags are written. */
  readonly text: TextRules
  /** Hosts that serve its pictures, each with all below it. */
  readonly pictureHosts: readonly string[]
  /** Whether its pictures may be copied for ML jobs, and for how many days they may be kept after that. */
  readonly pictureRule: { readonly isCopied: boolean; readonly mostDays: number }
  /** The settings that reading it takes, those that plans are made of, and those by which tokens are renewed. */
  readonly reading: SettingShape
  readonly planning: SettingShape
  readonly renewing: SettingShape
  /** The settings of the app that owners grant access to. */
  readonly connecting: SettingShape
  readonly access: Readonly<Partial<Record<AccessMode, Access<Reading, Planning>>>>
  /** By which right accounts of others are read. null: none, as things are set. */
  openAccess(settings: Planning): AccessMode | null
  /** A stored answer as records. Throws a TerminalError when it cannot be read as a whole. */
  read(endpoint: string, body: string): PageRecords
  /**
   * How posts are recognised that an answer says nothing new of but numbers, by endpoint. Absent: of most the answer differs
   * each time, as where it carries signed links.
   */
  readonly slices?: Readonly<Record<string, SliceRule>>
  /** An answer that others kept, without the secrets that it may carry. */
  scrub(body: string): string
  readonly tokens: Tokens<Renewing, Connecting> | null
}

/** All that is particular to a platform; settings are those of its shapes. */
export type PlatformDefinition = Typed<never, never, never, never>

/** Checks a definition against the types of its own settings. */
export function definePlatform<
  const Reading extends SettingShape,
  const Planning extends SettingShape,
  const Renewing extends SettingShape,
  const Connecting extends SettingShape,
>(
  definition: Typed<Values<Reading>, Values<Planning>, Values<Renewing>, Values<Connecting>> & {
    readonly reading: Reading
    readonly planning: Planning
    readonly renewing: Renewing
    readonly connecting: Connecting
  },
): PlatformDefinition {
  return definition as unknown as PlatformDefinition
}
