import { expect, test } from 'vitest'
import { RetryableError } from '#shared/errors.ts'
import { secretsOf } from '#shared/runtime/secrets.ts'
import { openLogger } from '#shared/telemetry/logger.ts'
import { functionOf } from '../../local/functions.ts'

function capture(secrets: readonly string[] = []) {
  const lines: string[] = []
  const log = openLogger({
    level: 'debug',
    fields: { function: 'poll' },
    secrets,
    stream: { write: (line) => void lines.push(line) },
  })
  return { log, lines }
}

test('a record is one line of JSON with the level names that the cloud knows', () => {
  const { log, lines } = capture()
  log.debug('a')
  log.info({ pages: 3 }, 'two\nlines')
  log.warn('c')
  log.error({ error: new RetryableError('later', { cause: new Error('because') }) }, 'd')
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
  const records = lines.map((line) => JSON.parse(line))
  expect(records.map(({ level }) => level)).toEqual(['DEBUG', 'INFO', 'WARN', 'ERROR'])
  expect(records[1]).toMatchObject({ message: 'two\nlines', pages: 3, function: 'poll' })
  expect(records[3]).toMatchObject({
    error: { name: 'RetryableError', message: 'later', cause: { message: 'because' } },
  })
})

test('a record stays under 64 KB, whatever is put into it, and still says what it is', () => {
  const { log, lines } = capture()
  log.error(
    { finding: { sample: Array.from({ length: 5_000 }, () => 'шум'.repeat(10)) } },
    'an invariant is violated',
  )
  log.error({ error: new Error('x'.repeat(1_000_000)) }, 'long')
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThan(64_000)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'ERROR',
    message: 'an invariant is violated',
    function: 'poll',
  })
})

test('secrets are written nowhere, be it in a message, an error, a field, or inside JSON', () => {
  const secrets = secretsOf(functionOf('extract-youtube').settings, {
    DATABASE_URL: 'postgres://run:p%22ssword-1234@db.example:6432/x',
    YOUTUBE_API_KEY: 'AIza-very-secret',
    LOG_LEVEL: 'info',
  })
  const { log, lines } = capture(secrets)
  log.warn(
    { url: 'https://x/?key=AIza-very-secret', nested: { deep: ['p"ssword-1234'] } },
    'AIza-very-secret',
  )
  log.error({ error: new Error('connect postgres://run:p%22ssword-1234@db.example:6432/x') }, 'failed')
  for (const line of lines) expect(line).not.toMatch(/AIza|ssword-1234/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: '[secret]', url: 'https://x/?key=[secret]' })
})
