import type { Texts } from './text.ts'

/** Causes of failures, by the names of the API. */
export const causes = {
  unreadable: ['unreadable', 'не читается'],
  broken_answer: ['the answer has no known shape', 'форма ответа неизвестна'],
  internal: ['our own error', 'наша ошибка'],
  invalid_type: ['a value of the wrong type', 'значение не того типа'],
  no_capacity: ['no capacity', 'нет мощности'],
  too_big: ['too big', 'слишком большое'],
  cancelled: ['cancelled', 'отменено'],
  expired: ['no answer in time', 'нет ответа вовремя'],
} as const satisfies Texts
