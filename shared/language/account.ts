import type { Texts } from './text.ts'

/** The page of the schedule and the syncs of an account. */
export const account = {
  titleNo: ['Account {{id}}', 'Аккаунт {{id}}'],
  for: ['For', 'Для'],
  readBy: ['Read by', 'Способ доступа'],
  every: ['Every', 'Раз в'],
  profileSeen: ['Profile seen', 'Профиль обновлён'],
  next: ['Next sync', 'Следующая синхронизация'],
  isNameRight: [
    'Is its name right? If it is gone for good, unfollow it: it is looked for ever more rarely.',
    'Верно ли имя? Если аккаунта больше нет, перестаньте отслеживать: его ищут всё реже.',
  ],
  failedOften: [
    'Its last {{number}} syncs failed or had something parked: its timer waits longer each time, up to a day, until one succeeds.',
    'Неудачных синхронизаций подряд: {{number}}. Интервал растёт, но не больше чем до суток, пока одна не удастся.',
  ],
  syncNow: ['Sync now', 'Синхронизировать'],
  syncEvery: ['Sync every post', 'Синхронизировать все публикации'],
  goOn: ['Go on', 'Продолжить'],
  pause: ['Pause', 'Пауза'],
  unfollow: ['Unfollow', 'Не отслеживать'],
  followAgain: ['Follow again', 'Отслеживать снова'],
  eraseAsk: [
    'Erase {{name}} with everything known of it, for good? To keep its rows, unfollow it instead.',
    'Стереть {{name}} со всем, что о нём известно, навсегда? Чтобы сохранить данные, просто перестаньте отслеживать.',
  ],
  erase: ['Erase', 'Стереть'],
  ownersRequest: ["at its owner's request", 'по просьбе владельца'],
  syncedEvery: ['Synced every', 'Синхронизация раз в'],
  minutes: [
    { one: '{{count}} minute', other: '{{count}} minutes' },
    { one: '{{count}} минуту', few: '{{count}} минуты', many: '{{count}} минут' },
  ],
  save: ['Save', 'Сохранить'],
  noPost: ['No post is on record yet.', 'Публикаций в базе пока нет.'],
  post: ['Post', 'Публикация'],
  noClient: ['no client', 'без клиента'],
  noBrand: ['no brand', 'без бренда'],
  change: ['Change', 'Изменить'],
  tags: ['Tags, apart by commas', 'Метки через запятую'],
  numbers: ['Its numbers', 'Показатели аккаунта'],
} as const satisfies Texts
