import type { Texts } from './text.ts'

/** Ages of open ML jobs, by the names of the API. */
export const ages = {
  '1_hour': ['under 1 hour', 'до 1 часа'],
  '6_hours': ['1 to 6 hours', 'от 1 до 6 часов'],
  '1_day': ['6 to 24 hours', 'от 6 до 24 часов'],
  '3_days': ['1 to 3 days', 'от 1 до 3 дней'],
  longer: ['over 3 days', 'больше 3 дней'],
} as const satisfies Texts
