import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import { temporal } from '@temporalio/proto'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { Worker } from '@temporalio/worker'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Activities, Standing } from '#drivers/temporal/activities.ts'
import { workflowBundle } from '#drivers/temporal/bundle.ts'
import { logInto } from '#drivers/temporal/log.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { findProgram } from '../../local/drivers/servers.ts'

const { History } = temporal.api.history.v1
const folder = join(import.meta.dirname, 'histories')
/** The protocol's own form, in base64; those of earlier versions of the workflows stay. */
const fileOf = (story: string, version: string) =>
  join(folder, `${story.replaceAll(' ', '-')}.${version}.base64`)
const log = openLogger({ level: 'error' })
logInto(log)
const bundle = () => workflowBundle(log)
const task = { id: '1', platform: 'youtube', account_id: '7' } as const
const at = (stage: Standing['stage'], status: string, afterMs = 0): Standing => ({
  ...{ stage, status, afterMs },
  ...{ reason: null, pages: 0 },
})

/** Each with what the ledger says in its course. */
const stories = {
  'a sync with ML jobs of a week': {
    extract: [at('transform', 'transforming')],
    transform: [at('enrich', 'enriching'), at('ended', 'done')],
    looks: 28,
  },
  'a sync that waits for its quota': {
    extract: [
      at('extract', 'waiting', 40_000_000),
      at('extract', 'waiting', 60_000),
      at('transform', 'transforming'),
    ],
    transform: [at('transform', 'transforming', 600_000), at('ended', 'done')],
    looks: 0,
  },
  'a sync that was cancelled before it began': {
    extract: [at('ended', 'cancelled')],
    transform: [],
    looks: 0,
  },
} as const

const program = findProgram('temporal-test-server')
if (!program) console.warn('temporal-test-server is not on the path: workflows are not tried in virtual time')

/** Runs the workflow of a story on a server whose time skips; returns its end and its history. */
async function tell({ extract, transform, looks }: (typeof stories)[keyof typeof stories]) {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: program ?? '' } },
  })
  onTestFinished(() => environment.teardown())
  const searchAttributes = { SocialState: 2 }
  await environment.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes })
  const left = { extract: [...extract], transform: [...transform], looks }
  const next = (of: 'extract' | 'transform') => async () => {
    const standing = left[of].shift()
    if (!standing) throw ApplicationFailure.nonRetryable(`${of} was called once too often`)
    return standing
  }
  const activities: Partial<Activities> = {
    extract: next('extract'),
    transform: next('transform'),
    enrich: async () => {
      left.looks -= 1
      if (left.looks < 0) return
      const category = ApplicationFailureCategory.BENIGN
      throw ApplicationFailure.create({ message: 'open', nextRetryDelay: '6 hours', category })
    },
  }
  const worker = await Worker.create({
    ...{
      connection: environment.nativeConnection,
      taskQueue: 'test',
      activities,
      workflowBundle: await bundle(),
    },
  })
  const workflow = { taskQueue: 'test', workflowId: 'sync-task/1', args: [task] }
  return worker.runUntil(async () => {
    const handle = await environment.client.workflow.start('syncTask', workflow)
    return { result: (await handle.result()) as Standing, history: await handle.fetchHistory(), left }
  })
}

describe.skipIf(!program)('the workflow of a sync task in virtual time', { timeout: 60_000 }, () => {
  test.for(Object.entries(stories))('%s ends with what the ledger says', async ([name, story]) => {
    const { result, history, left } = await tell(story)
    expect(result.stage).toBe('ended')
    expect(left).toMatchObject({ extract: [], transform: [] })
    expect(history.events?.length).toBeLessThan(60)
    const version = process.env['RECORD_HISTORIES']
    if (version) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(
        fileOf(name, version),
        `${Buffer.from(History.encode(history).finish()).toString('base64')}\n`,
      )
    }
  })
})

const recorded = existsSync(folder) ? readdirSync(folder) : []

test('there is a recorded history of each story', () => {
  const names = recorded.map((name) => name.split('.')[0]?.replaceAll('-', ' '))
  expect([...new Set(names)].sort()).toEqual(Object.keys(stories).sort())
})

test.for(recorded)('workflows go on from the recorded history %s', { timeout: 60_000 }, async (name) => {
  const history = History.decode(Buffer.from(readFileSync(join(folder, name), 'utf8'), 'base64'))
  await Worker.runReplayHistory({ workflowBundle: await bundle() }, history)
})
