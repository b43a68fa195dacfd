import { openCore } from '../core/core.ts'
import { openProcess, runUntilAsked } from '../core/process.ts'
import { workerSettings } from '../core/settings.ts'
import { flowSettings } from './settings.ts'
import { openWorker } from './worker.ts'

/** A worker of the flow as a process of its own; as many as one likes may run. */
const { config, ports } = openProcess('flow-worker', workerSettings.extend(flowSettings.shape))
const core = openCore(ports, config)
await runUntilAsked(ports, await openWorker(core, config, { hasSchedules: true }))
