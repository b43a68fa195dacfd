/** What uses the SDK of YDB; built to one file of its own. */
export { openYdbBodies } from './ydb-bodies.ts'
export { openYdbState } from './ydb-state.ts'
