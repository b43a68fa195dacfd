import { createHmac } from 'node:crypto'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '#shared/db/pool.ts'
import { sql } from '#shared/db/sql.ts'
import type { Platform } from '#shared/model/account.ts'
import type { Send } from '#shared/model/message.ts'
import { platformNames } from '#shared/platforms/index.ts'
import type { QueueOptions } from '#shared/queue/sqs.ts'
import { extractQueue, telemetrySettings } from '#shared/runtime/config.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'
import type { Driven } from './driven.ts'
import { functionNames, openFunction } from './functions.ts'
import { openQueues } from './queues.ts'
import { readServerless } from './serverless.ts'
import { loginApp } from './simulators/instagram/consent.ts'
import { type InstagramSimulatorOptions, openInstagram } from './simulators/instagram/server.ts'
import { ownUser } from './simulators/instagram/tokens.ts'
import type { MlSimulatorOptions } from './simulators/ml/job.ts'
import { openMl } from './simulators/ml/server.ts'
import { openPictures } from './simulators/pictures/server.ts'
import { botToken, openTelegram } from './simulators/telegram/server.ts'
import { openTiktok, type TiktokSimulatorOptions } from './simulators/tiktok/server.ts'
import type { YoutubeLimits } from './simulators/youtube/quota.ts'
import { openYoutube } from './simulators/youtube/server.ts'
import { openTriggers } from './triggers.ts'
import type { World } from './world/world.ts'
import type { WorldClock } from './world-clock.ts'

export interface CloudOptions {
  readonly db: Db
  readonly databaseUrl: string
  /** The same database as the role of a function; absent: all are its owner. */
  readonly urlOf?: (functionName: string) => string
  readonly clock: WorldClock
  readonly apiKey: string
  /** The data key of OAuth tokens, 32 bytes in base64; undefined: there is none. */
  readonly credentialsKey: string | undefined
  /** Where the functions' log goes. */
  readonly folder: string
  readonly queue?: QueueOptions | undefined
  /** Settings of the functions beyond database and queue: platforms, ML provider. */
  readonly env: Readonly<Record<string, string>>
  /** Puts other ports in place of a function's own. */
  readonly change?: (name: string, ports: Ports) => Ports
  readonly onFailure: (name: string, error: unknown) => void
}

const youtubeKey = 'simulated-youtube-key'

interface SimulatorSettings {
  readonly ml?: Partial<MlSimulatorOptions>
  readonly youtube?: Partial<YoutubeLimits>
  readonly instagram?: Partial<InstagramSimulatorOptions>
  readonly tiktok?: Partial<TiktokSimulatorOptions>
}

/** The platforms with their pictures and the ML provider, over a world and its clock. */
export async function openSimulators(world: World, clock: WorldClock, settings: SimulatorSettings = {}) {
  const now = () => clock.now()
  const opened = {
    youtube: await openYoutube({ world, now, apiKey: youtubeKey, ...settings.youtube }),
    instagram: await openInstagram({ world, now, ...settings.instagram }),
    tiktok: await openTiktok({ world, now, ...settings.tiktok }),
    pictures: await openPictures({ now }),
    telegram: await openTelegram(),
    ml: await openMl({ now, failing: 0.01, refusing: 0.002, losing: 0.005, ...settings.ml }),
  }
  return { ...opened, close: () => Promise.all(Object.values(opened).map((simulator) => simulator.close())) }
}

export type Simulators = Awaited<ReturnType<typeof openSimulators>>

/** The simulated provider with other settings. */
export const simulatedMl = (setting: object) =>
  JSON.stringify([
    {
      ...{ name: 'ml', models: { text: 'text-v1', image: 'image-v1' } },
      ...{ submits_per_minute: 30_000, asks_per_minute: 6_000, ...setting },
    },
  ])

/** Settings that lead the functions to the simulators. */
export const simulatorEnv = ({ youtube, instagram, tiktok, telegram, ml }: Simulators) => ({
  TELEGRAM_URL: telegram.url,
  TELEGRAM_BOT_TOKEN: botToken,
  // Receivers may be on this machine.
  WEBHOOKS_TO: 'any',
  YOUTUBE_API_KEY: youtubeKey,
  YOUTUBE_API_URL: youtube.url,
  INSTAGRAM_API_URL: instagram.url,
  INSTAGRAM_LOGIN_API_URL: instagram.url,
  INSTAGRAM_USER_ID: ownUser.id,
  INSTAGRAM_LOGIN_APP_ID: loginApp.id,
  INSTAGRAM_LOGIN_APP_SECRET: loginApp.secret,
  INSTAGRAM_LOGIN_WINDOW_URL: instagram.url,
  INSTAGRAM_LOGIN_CODE_URL: instagram.url,
  TIKTOK_API_URL: tiktok.url,
  TIKTOK_WINDOW_URL: tiktok.url,
  TIKTOK_CLIENT_KEY: 'simulated-client',
  TIKTOK_CLIENT_SECRET: 'simulated-client-secret',
  ML_URL: ml.url,
  // A made-up price, so that what is spent can be seen.
  ML_PROVIDERS: simulatedMl({ usd: 0.001 }),
})

/** Registers where owners come back to with the simulated platforms. */
export function registerRedirects({ instagram, tiktok }: Simulators, url: string): void {
  instagram.register(`${url}/v1/connect/instagram/callback`)
  tiktok.register(`${url}/v1/connect/tiktok/callback`)
}

/** Settings by which pictures are handed out at this address, and lie in the simulated world. */
export const pictureEnv = ({ pictures }: Simulators, url: string, secret: string) => ({
  MEDIA_URL: url,
  MEDIA_KEY: createHmac('sha256', secret).update('pictures').digest('base64url'),
  MEDIA_CDN_URL: pictures.url,
})

/** Queues, functions and triggers on one machine, over a database and simulators that are there already. */
export async function openCloud(options: CloudOptions): Promise<Driven> {
  const serverless = readServerless()
  const { clock } = options
  const queues = await openQueues(serverless, options.queue)
  const env = {
    QUEUE_ENDPOINT: queues.options.endpoint,
    QUEUE_REGION: queues.options.region,
    QUEUE_PROTOCOL: queues.options.protocol,
    QUEUE_ACCESS_KEY_ID: queues.options.accessKeyId,
    QUEUE_SECRET_ACCESS_KEY: queues.options.secretAccessKey,
    TRANSFORM_QUEUE_URL: queues.urls['transform'],
    ...Object.fromEntries(
      platformNames.flatMap((name) =>
        Object.keys(extractQueue(name)).map((setting) => [setting, queues.urls[`extract-${name}`]]),
      ),
    ),
    ...(options.credentialsKey ? { CREDENTIALS_KEY: options.credentialsKey } : {}),
    API_KEY: options.apiKey,
    ...options.env,
  }
  const envOf = (name: string) => ({ DATABASE_URL: options.urlOf?.(name) ?? options.databaseUrl, ...env })
  mkdirSync(options.folder, { recursive: true })
  const logFile = createWriteStream(join(options.folder, 'functions.log'), { flags: 'a' })
  const rings = { undelivered: 0 }
  const counted =
    (send: Send): Send =>
    async (sent) => {
      rings.undelivered += sent.length
      const failed = await send(sent)
      rings.undelivered -= failed
      return failed
    }
  // One process holds all functions here, so that they export together.
  const opened = openTelemetry(telemetrySettings(process.env))
  const telemetry = () => opened
  const portsOf =
    (name: string) =>
    (ports: Ports, secrets: readonly string[]): Ports => {
      const log = openLogger({ level: 'info', fields: { function: name }, secrets, stream: logFile })
      const local = { ...ports, log, telemetry, sender: (url: string) => counted(ports.sender(url)) }
      return options.change?.(name, local) ?? local
    }
  const stop = new AbortController()
  const functions = new Map(
    functionNames.map((name) => [name, openFunction(name, envOf(name), stop.signal, portsOf(name))]),
  )
  const triggers = openTriggers({ serverless, functions, queues, clock, rings, onFailure: options.onFailure })
  return {
    triggers,
    ringExtract: async (platform) =>
      functions.get('sync')?.ports.sender(queues.urls[`extract-${platform}`] ?? '')([
        { v: 1, kind: 'extract' },
      ]),
    close: async () => {
      stop.abort()
      await triggers.close()
      await Promise.all(
        [...functions.values()].flatMap(({ ports }) => [ports.db.end(), ports.bodies.close()]),
      )
      await queues.close()
      await new Promise((resolve) => logFile.end(resolve))
    },
  }
}

/** Makes every followed account due now, so that the next tick asks each exactly once. */
export async function makeAllDue(db: Db, platforms: readonly Platform[]): Promise<void> {
  await db.rows(sql`
    update accounts set next_sync_at = app_now()
    where platform = any(${[...platforms]}::text[]) and status in ('active', 'missing')`)
}
