import type { Texts } from './text.ts'

/** The page of alerts and of the channels that get them. */
export const channels = {
  title: ['Alerts', 'Оповещения'],
  firing: ['Now', 'Сейчас'],
  past: ['Over', 'Закончились'],
  allWell: ['Nothing is wrong.', 'Всё в порядке.'],
  noPast: ['None yet.', 'Ещё не было.'],
  what: ['Alert', 'Оповещение'],
  about: ['About', 'О чём'],
  since: ['Since', 'С'],
  until: ['Over', 'Закончилось'],
  channels: ['Channels', 'Кому сообщать'],
  none: ['No channel gets alerts yet.', 'Пока никому.'],
  onlyAdmins: [
    'Only a key with full rights can see or change this.',
    'Доступно только с ключом администратора.',
  ],
  name: ['Name', 'Имя'],
  kind: ['How', 'Как'],
  webhook: ['webhook', 'вебхук'],
  telegram: ['Telegram', 'Telegram'],
  email: ['e-mail', 'почта'],
  target: ['Address, chat or mailbox', 'Адрес, чат или ящик'],
  causes: ['About', 'О чём'],
  allCauses: ['all', 'обо всём'],
  onlyThese: [
    'About these alone; about all where none is chosen',
    'Только об этом; если ничего не выбрано — обо всём',
  ],
  lastSent: ['Last message', 'Последнее сообщение'],
  add: ['Add', 'Добавить'],
  test: ['Test', 'Проверить'],
  remove: ['Remove', 'Удалить'],
  removeAsk: ['Send no more alerts to {{name}}?', 'Больше не сообщать: {{name}}?'],
  taken: ['{{name}} took the message.', 'Сообщение принято: {{name}}.'],
  notTaken: ['{{name}} did not take it: {{error}}', 'Сообщение не принято: {{name}}. {{error}}'],
  secret: [
    'Its messages are signed with this secret. It is shown only now:',
    'Сообщения подписаны этим секретом. Он показан только сейчас:',
  ],
  languageOf: ['Language of messages', 'Язык сообщений'],
} as const satisfies Texts
