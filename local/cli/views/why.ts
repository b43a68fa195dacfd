import type * as z from 'zod'
import type { Why } from '#functions/sync/api/why.ts'
import { columns } from '../../view/frame.ts'
import { day, head } from './text.ts'

export const whyText = ({ answers, ml_jobs }: z.output<typeof Why>) =>
  [
    columns([
      head(['answered (UTC)', 'call', 'recorded', 'page', 'sync', 'rules', 'trace']),
      ...answers.map((answer) => [
        ...[day(answer.answered_at), answer.endpoint, answer.recorded.join(' and ') || 'nothing new'],
        ...[
          answer.page_id,
          answer.syncs.join(', '),
          String(answer.transform_version ?? ''),
          answer.trace_id ?? '',
        ],
      ]),
    ]),
    '',
    ml_jobs.length === 0
      ? '  no ML job was planned for it'
      : columns([
          head(['ML job', 'of', 'model', 'attempt', 'state', 'planned (UTC)', 'ended (UTC)', '']),
          ...ml_jobs.map((job) => [
            ...[job.id, job.kind, job.model_version ?? job.model, String(job.attempt_no), job.status],
            ...[day(job.planned_at), job.finished_at ? day(job.finished_at) : '', job.error ?? ''],
          ]),
        ]),
  ].join('\n')
