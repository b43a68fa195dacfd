import type { Texts } from './text.ts'

/** How often an account may be synced, by minutes. */
export const rhythms = {
  '60': ['hour', 'час'],
  '180': ['3 hours', '3 часа'],
  '360': ['6 hours', '6 часов'],
  '720': ['12 hours', '12 часов'],
  '1440': ['day', 'сутки'],
  '10080': ['week', 'неделю'],
} as const satisfies Texts
