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
  rate: ['calls to be allowed again', 'разрешения на новые запросы'],
  blocked: ['the platform to lift its block', 'снятия блокировки платформой'],
  check: ['another check', 'новой проверки'],
  cursor: ['its walk to begin again', 'нового обхода'],
  bug: ['another try, after an error of ours', 'новой попытки после нашей ошибки'],
  refused: ['another try, after a refusal', 'новой попытки после отказа'],
  broken_answer: ['a better answer of the platform', 'лучшего ответа платформы'],
} as const satisfies Texts

/** Waits that only a person can end; the tasks are tried again all the same. */
const forPeople: ReadonlySet<string | null> = new Set(['credential', 'config'])

/** Whether a person has to act, or time is enough. */
export const isForPeople = (reason: string | null): reason is string => forPeople.has(reason)
