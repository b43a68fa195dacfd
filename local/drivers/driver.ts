import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { type Core, openCore } from '#drivers/core/core.ts'
import { apiRings, type ForApi, rouseDue } from '#drivers/core/follower.ts'
import { apiSettings, workerSettings } from '#drivers/core/settings.ts'
import { answering } from '#drivers/http/answer.ts'
import { openServer } from '#drivers/http/server.ts'
import { openApi } from '#functions/sync/open.ts'
import { isKeyOf } from '#functions/sync/serve.ts'
import { dueTasks } from '#shared/db/views/task-progress.ts'
import { platformNames } from '#shared/platforms/index.ts'
import { type Environment, readConfig, telemetrySettings } from '#shared/runtime/config.ts'
import { portsOf } from '#shared/runtime/handler.ts'
import type { Ports } from '#shared/runtime/ports.ts'
import { secretsOf } from '#shared/runtime/secrets.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { openTelemetry } from '#shared/telemetry/telemetry.ts'
import type { CloudOptions } from '../cloud.ts'
import type { Driven } from '../driven.ts'
import { readServerless } from '../serverless.ts'
import { nextTickOf } from '../triggers.ts'

/** An orchestrator at work over a core. */
export interface Orchestrator extends Pick<ForApi, 'follower' | 'board'> {
  /** Runs one of its schedules now, and resolves when that is done. */
  run(schedule: 'create' | 'poll' | 'maintain' | 'transform'): Promise<void>
  close(): Promise<void>
}

/** The whole product in one process, by an orchestrator in place of functions and triggers. */
export async function openDriver(
  options: Omit<CloudOptions, 'queue'>,
  orchestrate: (core: Core, env: Environment) => Promise<Orchestrator>,
  say: (line: string) => void,
): Promise<Driven> {
  const { env, open, logFile } = await openPlace(options)
  const worker = open('worker', workerSettings)
  const core = openCore(worker.ports, worker.config as never)
  const orchestrator = await orchestrate(core, env)
  const server = open('api', apiSettings)
  const { follower } = orchestrator
  const rings = apiRings(core.db, server.ports.log, {
    follower,
    transformDue: () => orchestrator.run('transform'),
  })
  const api = openApi(server.ports, server.config as never, rings)
  const answer = answering(server.ports, api)
  const board = orchestrator.board?.((key) => isKeyOf(key, api, 'admin'))
  const pages = board && (await openServer(answer, { host: '127.0.0.1', port: 0, board }))
  if (pages)
    say(
      `jobs are shown on http://127.0.0.1:${pages.port}${board.path}, with any name and the key as password`,
    )
  let calls = 0
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    calls += 1
    try {
      return await work()
    } finally {
      calls -= 1
    }
  }
  const work = async (name: string) => {
    const platform = platformNames.find((one) => name === `extract-${one}`)
    if (!platform) return orchestrator.run(name as 'poll' | 'maintain')
    await orchestrator.run('create')
    // What waits for a time of the world would be waited for by real clocks.
    await rouseDue(core.db, follower, platform)
  }
  const tick = (name: string) =>
    counted(() => work(name)).catch((error: unknown) => options.onFailure(name, error))
  return {
    triggers: {
      tick,
      call: (_name, event) => counted(() => answer(event)),
      nextTick: nextTickOf(readServerless()),
      idle: () => calls === 0 && !core.isBusy(),
    },
    ringExtract: (platform) =>
      counted(async () => {
        await rouseDue(core.db, follower, platform)
        // The orchestrator hands it to a worker in its own time.
        for (let tries = 0; tries < 100; tries += 1) {
          if (core.isBusy() || (await dueTasks(core.db, platform, 1)).length === 0) return
          await after(20)
        }
      }).catch((error: unknown) => options.onFailure(`extract-${platform}`, error)),
    close: async () => {
      await pages?.close()
      await orchestrator.close()
      await Promise.all([worker, server].flatMap(({ ports }) => [ports.db.end(), ports.bodies.close()]))
      await new Promise((resolve) => logFile.end(resolve))
    },
  }
}

/** Settings, log and telemetry of all parts, and the ports of each. */
async function openPlace(options: Omit<CloudOptions, 'queue'>) {
  const env = {
    ...{
      DATABASE_URL: options.urlOf?.('worker') ?? options.databaseUrl,
      OWNER_DATABASE_URL: options.databaseUrl,
    },
    API_KEY: options.apiKey,
    ...(options.credentialsKey ? { CREDENTIALS_KEY: options.credentialsKey } : {}),
    ...options.env,
  }
  mkdirSync(options.folder, { recursive: true })
  const logFile = createWriteStream(join(options.folder, 'functions.log'), { flags: 'a' })
  // Before anything else: what asks for a tracer earlier may never record.
  const telemetry = await openTelemetry(telemetrySettings(process.env))
  const open = (name: string, settings: typeof workerSettings | typeof apiSettings) => {
    const config = readConfig(name, settings, env)
    const secrets = secretsOf(settings, config)
    const log = openLogger({ level: 'info', fields: { worker: name }, secrets, stream: logFile })
    const real = portsOf({ name, settings }, config as never)
    const ports: Ports = { ...real, log, telemetry: async () => telemetry }
    return { config, ports: options.change?.(name, ports) ?? ports }
  }
  return { env, open, logFile }
}
