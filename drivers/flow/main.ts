import { openCore } from '../core/core.ts'
import { openProcess, runUntilAsked } from '../core/process.ts'
import { workerSettings } from '../core/settings.ts'
import { flowSettings } from './settings.ts'
import { openWorker } from './worker.ts'

/** A worker of the flow as a process of its own; as many as one likes may run. */
const process = await openProcess('flow-worker', workerSettings.extend(flowSettings.shape))
const { config, ports } = process
const core = openCore(ports, config)
await core.prepare()
await runUntilAsked(process, await openWorker(core, config, { hasSchedules: true }))
