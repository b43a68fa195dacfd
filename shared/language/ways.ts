import type { Texts } from './text.ts'

/** Who asked for a sync, how much of an account it reads, and by which right; by the names of the API. */
export const ways = {
  http: ['asked for', 'по запросу'],
  schedule: ['by timer', 'по расписанию'],
  backfill: ['when quota is left over', 'когда остаётся квота'],
  'ad-hoc': ['at once', 'сразу'],
  incremental: ['what is new', 'новое'],
  full: ['every post', 'все публикации'],
  refresh: ['numbers of known posts', 'показатели известных публикаций'],
  public_key: ['an API key, as everybody', 'ключ API, как у всех'],
  public_discovery: ['our shared token', 'наш общий токен'],
  own_oauth: ['a token of its owner', 'токен владельца'],
  research: ['the Research API', 'Research API'],
  import: ['files that were imported', 'загруженные файлы'],
} as const satisfies Texts
