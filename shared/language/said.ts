import type { Texts } from './text.ts'

/** What the API says of syncs and ML jobs: what they wait for (worded to follow "waits for"), what went wrong, and what an end hangs on. */
export const said = {
  syncUnderWay: [
    'the sync under way; this one begins when it has been read',
    'конца синхронизации, которая уже идёт: эта начнётся после неё',
  ],
  turn: ['its turn', 'своей очереди'],
  answers: ['answers of the platform', 'ответов платформы'],
  until: ['{{what}}, until {{at}}', '{{what}}, до {{at}}'],
  pagesToRead: [
    { one: '{{count}} page to be read', other: '{{count}} pages to be read' },
    {
      one: 'разбора {{count}} страницы',
      few: 'разбора {{count}} страниц',
      many: 'разбора {{count}} страниц',
    },
  ],
  mlJobs: [
    { one: '{{count}} ML job', other: '{{count}} ML jobs' },
    { one: '{{count}} задания ML', few: '{{count}} заданий ML', many: '{{count}} заданий ML' },
  ],
  mlJobsAsked: [
    {
      one: '{{count}} ML job, asked about next at {{at}}',
      other: '{{count}} ML jobs, asked about next at {{at}}',
    },
    {
      one: '{{count}} задания ML, следующий опрос {{at}}',
      few: '{{count}} заданий ML, следующий опрос {{at}}',
      many: '{{count}} заданий ML, следующий опрос {{at}}',
    },
  ],
  notFound: ['the platform does not find this account', 'платформа не находит этот аккаунт'],
  pagesParked: [
    { one: '{{count}} page parked', other: '{{count}} pages parked' },
    {
      one: 'отложена {{count}} страница',
      few: 'отложено {{count}} страницы',
      many: 'отложено {{count}} страниц',
    },
  ],
  pagesDropped: [
    { one: '{{count}} page dropped unread', other: '{{count}} pages dropped unread' },
    {
      one: '{{count}} страница отброшена непрочитанной',
      few: '{{count}} страницы отброшены непрочитанными',
      many: '{{count}} страниц отброшено непрочитанными',
    },
  ],
  recordsRefused: [
    { one: '{{count}} record refused: {{causes}}', other: '{{count}} records refused: {{causes}}' },
    {
      one: 'отклонена {{count}} запись: {{causes}}',
      few: 'отклонено {{count}} записи: {{causes}}',
      many: 'отклонено {{count}} записей: {{causes}}',
    },
  ],
  mlFailed: [
    { one: '{{count}} ML job failed: {{causes}}', other: '{{count}} ML jobs failed: {{causes}}' },
    {
      one: 'не удалось {{count}} задание ML: {{causes}}',
      few: 'не удалось {{count}} задания ML: {{causes}}',
      many: 'не удалось {{count}} заданий ML: {{causes}}',
    },
  ],
  stale: [
    {
      one: '{{count}} record older than what is on record: was the clock of the database set back?',
      other: '{{count}} records older than what is on record: was the clock of the database set back?',
    },
    {
      one: '{{count}} запись старше того, что уже есть: часы базы данных переводили назад?',
      few: '{{count}} записи старше того, что уже есть: часы базы данных переводили назад?',
      many: '{{count}} записей старше того, что уже есть: часы базы данных переводили назад?',
    },
  ],
  onSchedule: ['on schedule', 'всё идёт по плану'],
  tooMany: ['more than {{most}} accounts are yet to be read', 'ещё не прочитано более {{most}} аккаунтов'],
  held: [
    {
      one: '{{count}} account waiting for {{what}}',
      other: '{{count}} accounts waiting for {{what}}',
    },
    {
      one: '{{count}} аккаунт ждёт {{what}}',
      few: '{{count}} аккаунта ждут {{what}}',
      many: '{{count}} аккаунтов ждут {{what}}',
    },
  ],
  quota: ['the quota "{{pool}}" gives the rest by {{at}}', 'квота «{{pool}}» даст остальное к {{at}}'],
  askedAgain: [
    {
      one: '{{count}} account to be asked again by {{at}}',
      other: '{{count}} accounts to be asked again by {{at}}',
    },
    {
      one: '{{count}} аккаунт будет запрошен снова к {{at}}',
      few: '{{count}} аккаунта будут запрошены снова к {{at}}',
      many: '{{count}} аккаунтов будут запрошены снова к {{at}}',
    },
  ],
  reading: ['answers are being read', 'ответы разбираются'],
  openMlJobs: [
    { one: '{{count}} ML job is open', other: '{{count}} ML jobs are open' },
    {
      one: 'в работе {{count}} задание ML',
      few: 'в работе {{count}} задания ML',
      many: 'в работе {{count}} заданий ML',
    },
  ],
  openMlJobsAsked: [
    {
      one: '{{count}} ML job is open, asked about next at {{at}}',
      other: '{{count}} ML jobs are open, asked about next at {{at}}',
    },
    {
      one: 'в работе {{count}} задание ML, следующий опрос {{at}}',
      few: 'в работе {{count}} задания ML, следующий опрос {{at}}',
      many: 'в работе {{count}} заданий ML, следующий опрос {{at}}',
    },
  ],
  durationUnknown: [
    'no ML job has ended yet, so their duration is unknown',
    'ни одно задание ML ещё не завершилось, их длительность неизвестна',
  ],
  lateMl: ['one has already taken longer than any recent job', 'одно идёт уже дольше любого из недавних'],
} as const satisfies Texts

/** Why an open ML job has no result yet. */
export const mlWaits = {
  unset: [
    'no provider {{provider}} is in the settings: it waits until one does jobs of its kind',
    'в настройках нет провайдера {{provider}}: задание ждёт того, кто делает такие',
  ],
  unsetSubmitted: [
    'no provider {{provider}} is in the settings: it ends at its deadline, unless one is by then',
    'в настройках нет провайдера {{provider}}: если его не вернуть, задание завершится по сроку',
  ],
  notAsked: [
    '{{provider}} is not asked until {{at}}: it was away, or asked for a pause',
    '{{provider}} не опрашивается до {{at}}: был недоступен или просил паузу',
  ],
  works: ['its provider works on it', 'провайдер выполняет задание'],
  notSent: [
    'nothing is sent to {{provider}} until {{at}}: it was away, or asked for a pause',
    '{{provider}} ничего не получает до {{at}}: был недоступен или просил паузу',
  ],
  dayIsSpent: [
    'what may be sent to {{provider}} in a day is sent: it goes on at {{at}}',
    'дневной предел заданий для {{provider}} исчерпан: продолжение {{at}}',
  ],
  again: ['it is tried again after: {{cause}}', 'будет новая попытка; причина прошлой неудачи: {{cause}}'],
  others: ['it waits for others of its run', 'ждёт других заданий своей партии'],
  beingSent: ['it is being sent', 'отправляется'],
  nextTick: ['it is sent with the next tick', 'будет отправлено со следующим запуском'],
} as const satisfies Texts
