import type { Texts } from './text.ts'

/** What tasks wait for, by the names of the API. */
export const waits = {
  platform: ['a better answer of the platform', 'лучшего ответа платформы'],
  store: ['answers to be kept again: their store is away', 'хранилища ответов: оно недоступно'],
  token: ['its token to be fetched again, or to be opened', 'обновления доступа'],
  retry: ['another try', 'новой попытки'],
  quota: ['quota', 'квоты'],
  credential: [
    'a key or token that the platform accepts: it refuses the one that it is given',
    'ключа или токена, который примет платформа',
  ],
  config: ['settings that are wrong or missing', 'исправления настроек'],
} as const satisfies Texts
