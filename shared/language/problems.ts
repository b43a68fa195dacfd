import type { Texts } from './text.ts'

/**
 * Why the API refuses, by the last part of the type of a problem. In English the API says more itself; what has no words here is shown as
 * it says it in Russian too.
 */
export const problems = {
  unauthorized: ['send a valid key', 'нужен действующий ключ'],
  forbidden: ['this key may not do that', 'этот ключ такого не может'],
  not_found: ['that is not on record', 'такого нет в базе'],
  too_many_requests: [
    'too many calls: try again in a moment',
    'слишком много запросов: повторите чуть позже',
  ],
  unavailable: ['this does not work at the moment: try again', 'сейчас это не работает: повторите'],
  not_configured: ['the settings lack something', 'в настройках чего-то не хватает'],
  not_set_up: ['the settings lack something', 'в настройках чего-то не хватает'],
  internal: ['something went wrong on our side', 'ошибка на нашей стороне'],
  invalid_body: ['something in the form does not fit', 'что-то в форме не подходит'],
  invalid_query: ['something in the address does not fit', 'что-то в адресе не подходит'],
  invalid_line: ['a line does not fit', 'строка не подходит'],
  conflict: ['that is there already', 'такое уже есть'],
  erased: ['the account was erased and is not followed again', 'аккаунт стёрт и снова не добавляется'],
  unsupported: ['the account cannot be read', 'этот аккаунт читать нельзя'],
  unfollowed: ['the account is not followed any more', 'аккаунт больше не отслеживается'],
  too_many: ['these are too many', 'слишком много'],
  too_large: ['that is too large', 'слишком большое'],
  nothing_to_retry: ['there is nothing to ask again', 'повторять нечего'],
  in_progress: ['this is being done at this moment', 'это уже выполняется'],
  unknown_client: ['there is no client of this name', 'такого клиента нет'],
  unnamed_client: ['name the client', 'укажите клиента'],
  unknown_channel: ['there is no such channel', 'такого канала нет'],
  no_provider: ['no provider does this', 'нет провайдера для этого'],
  store_away: ['the store of answers is away: try again', 'хранилище ответов недоступно: повторите'],
  idempotency_key_reused: [
    'this was sent before with other content',
    'это уже отправляли с другим содержанием',
  ],
  invalid_header: ['a header does not fit', 'заголовок не подходит'],
  imported: [
    'the account comes from files and is not asked for',
    'аккаунт загружен из файлов, его не запрашивают',
  ],
  not_followed: ['the account is not followed', 'аккаунт не отслеживается'],
  gone: ['that is there no more', 'этого больше нет'],
  offline: [
    'no answer: is the function, or npm start, still running?',
    'нет ответа: работает ли функция или npm start?',
  ],
  unreadable: ['the answer of the API cannot be read', 'ответ API не читается'],
  status: ['the API answered {{status}}', 'API ответил {{status}}'],
} as const satisfies Texts
