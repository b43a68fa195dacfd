import * as z from 'zod'
import { UserError } from '../user-error.ts'
import type { Terminal } from './terminal.ts'

/** An alarm as `terraform output -json alarms` has it. Seconds. */
export const Alarm = z.object({
  name: z.string(),
  description: z.string(),
  query: z.string(),
  type: z.enum(['AT_LEAST_ONE', 'AT_ALL_TIMES', 'LAST_NON_NAN', 'AVG', 'MIN', 'MAX', 'SUM']),
  comparison: z.enum(['GT', 'LT', 'GTE', 'LTE']),
  threshold: z.number(),
  window: z.int().positive(),
  delay: z.int().nonnegative(),
})
export type Alarm = z.infer<typeof Alarm>

const Kept = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  channels: z.array(z.object({ channelId: z.string() })).default([]),
})
const Page = z.object({ alerts: z.array(Kept).default([]), nextPageToken: z.string().default('') })
const Operation = z.object({ error: z.object({ message: z.string() }).optional() })

const Answers = { page: Page, operation: Operation }

/** The alerts of a folder in Yandex Monitoring (Monitoring API, REST, Alert). */
export function monitoringOf(terminal: Terminal, folderId: string) {
  const base = terminal.env['MONITORING_URL'] ?? 'https://monitoring.api.cloud.yandex.net'
  const token = terminal.env['YC_TOKEN']
  if (!token) throw new UserError('set YC_TOKEN: export YC_TOKEN=$(yc iam create-token)')
  const ask = async <Kind extends keyof typeof Answers>(
    answer: Kind,
    method: string,
    path: string,
    body?: object,
  ): Promise<z.output<(typeof Answers)[Kind]>> => {
    const response = await fetch(`${base}/monitoring/v3/alerts${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new UserError(`Yandex Monitoring cannot be reached: ${String(error)}`)
    })
    if (!response.ok)
      throw new UserError(
        `Yandex Monitoring refuses ${method} of alerts: ${response.status} ${(await response.text()).slice(0, 300)}`,
      )
    return Answers[answer].parse(await response.json()) as z.output<(typeof Answers)[Kind]>
  }
  const send = async (method: string, path: string, body: object) => {
    const { error } = await ask('operation', method, path, body)
    if (error) throw new UserError(`Yandex Monitoring did not take an alert: ${error.message}`)
  }
  return {
    async list(): Promise<z.infer<typeof Kept>[]> {
      const found: z.infer<typeof Kept>[] = []
      let pageToken = ''
      do {
        const page = await ask(
          'page',
          'GET',
          `?${new URLSearchParams({ folderId, pageSize: '1000', pageToken })}`,
        )
        found.push(...page.alerts.filter(({ status }) => status !== 'STATUS_DELETED'))
        pageToken = page.nextPageToken
      } while (pageToken !== '')
      return found
    },
    create: (alarm: Alarm, channels: readonly string[]) =>
      send('POST', '', { folderId, ...bodyOf(alarm, channels) }),
    update: (id: string, alarm: Alarm, channels: readonly string[]) =>
      send('PATCH', `/${id}`, {
        updateMask: 'description,window,delay,channels,threshold',
        ...bodyOf(alarm, channels),
      }),
  }
}

const bodyOf = (
  { name, description, query, window, delay, ...rule }: Alarm,
  channels: readonly string[],
) => ({
  ...{ name, description, window: String(window), delay: String(delay) },
  channels: channels.map((channelId) => ({
    channelId,
    notifyAboutStatuses: ['EVALUATION_STATUS_ALARM', 'EVALUATION_STATUS_ERROR', 'EVALUATION_STATUS_OK'],
    repeatPeriod: '21600',
  })),
  threshold: {
    selectors: query,
    predicateRules: [
      {
        type: `THRESHOLD_TYPE_${rule.type}`,
        comparison: `COMPARISON_${rule.comparison}`,
        threshold: rule.threshold,
        targetStatus: 'TARGET_STATUS_ALARM',
      },
    ],
  },
})
