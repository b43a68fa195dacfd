import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** They replace modules, or set what a process keeps. */
const alone = [
  'tests/connectors/example.test.ts',
  'tests/pipeline/new-platform.test.ts',
  'tests/observability/*.test.ts',
  'tests/telemetry/*.test.ts',
  'tests/unit/request.test.ts',
]

/** Small files whose suites take longest: left to the end, each would keep one worker busy while the others have nothing to do. */
const long =
  /tests\/(?:drivers\/(?:temporal|flow|temporal-ledger|functions)|ml\/reader|local\/(?:start|once|live))\.test\.ts$/

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const rank = ({ project, moduleId }: TestSpecification) =>
      project.config.isolate ? 0 : long.test(moduleId) ? 1 : 2
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** `--mode full`: whole suites in place of one short case of each part; `--mode postgres-15`: on the oldest server. */
export default defineConfig(({ mode }) => ({
  test: {
    globalSetup: ['tests/setup/global.ts'],
    provide: { isFull: mode === 'full', isPostgres15: mode === 'postgres-15' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // More than the two cores of a small machine: a worker waits for the database half of its time.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    projects: [
      // Files share what they import: importing it for each takes as long as many tests.
      {
        extends: true,
        test: { name: 'together', include: ['tests/**/*.test.ts'], exclude: alone, isolate: false },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
}))
