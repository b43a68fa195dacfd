import { expect, test } from 'vitest'
import { answerFrom } from '#shared/ml/results.ts'

const bad = 'x\u0000y\ud800'

test('words of a provider are such that PostgreSQL can store them', () => {
  const answers = [
    { status: 'done', state: 'failed', error: { code: bad, message: bad } },
    { status: 'done', state: 'done', result: { items: [{ status: 'error', error: { code: bad } }] } },
    { status: 'done', state: 'done', model: bad, result: { labels: [] } },
    { status: bad },
  ].map((job) => JSON.stringify(answerFrom({ job_id: 'j', ...job }, undefined)))
  for (const answer of answers) {
    expect(answer).toContain('x')
    // JSON would write both as escapes.
    expect(answer).not.toMatch(/[^\\]\\u(0000|d800)/i)
  }
})
