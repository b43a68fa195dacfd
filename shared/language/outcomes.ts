import type { Texts } from './text.ts'

/** How the try of an owner ended, by the names of the API. */
export const outcomes = {
  refused: ['the owner refused', 'владелец отказал'],
  lacking: ['the owner left out what is needed', 'владелец не дал нужных прав'],
  other_account: ['the owner chose another account', 'владелец выбрал другой аккаунт'],
  other_client: ['the account is followed for another client', 'аккаунт отслеживается для другого клиента'],
  account: ['a personal account cannot be read', 'личный аккаунт прочитать нельзя'],
  code: ['the platform did not take the answer any more', 'платформа больше не приняла ответ'],
  redirect: ['the platform does not know our address', 'платформа не знает наш адрес'],
  app: ['the platform does not accept our app', 'платформа не принимает наше приложение'],
  unavailable: ['the platform did not answer', 'платформа не ответила'],
  failed: ['something went wrong', 'что-то пошло не так'],
  expired: ['it came too late', 'ответ пришёл слишком поздно'],
} as const satisfies Texts
