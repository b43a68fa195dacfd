import type { Texts } from './text.ts'

/** Limited rights to call: whose they are, of what, and for how long. */
export const pools = {
  of: ['{{platform}}, {{what}} {{period}}', '{{platform}}, {{what}} {{period}}'],
  general: ['units', 'единицы'],
  stats: ['calls for numbers', 'запросы показателей'],
  app: ['calls of the app', 'запросы приложения'],
  research: ['calls of the Research API', 'запросы Research API'],
  account: ['calls for {{name}}', 'запросы для {{name}}'],
  calls: ['calls for {{what}}', 'запросы: {{what}}'],
  submit: ['jobs sent', 'отправка заданий'],
  ask: ['questions about jobs', 'опрос заданий'],
  minute: ['a minute', 'в минуту'],
  hour: ['an hour', 'в час'],
  day: ['a day', 'в сутки'],
} as const satisfies Texts
