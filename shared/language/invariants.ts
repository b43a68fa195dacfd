import type { Texts } from './text.ts'

/** What is checked of the ledger, by the names of the API. */
export const invariants = {
  'every record of a page is accounted for': [
    'every record of a page is accounted for',
    'каждая запись страницы учтена',
  ],
  'quarantined records are counted on their page': [
    'quarantined records are counted on their page',
    'отклонённые записи посчитаны на своей странице',
  ],
  'one effect per task, endpoint, walk and page': [
    'one effect per task, endpoint, walk and page',
    'один результат на задачу, вызов, обход и страницу',
  ],
  'the cursor is never ahead of the pages kept': [
    'the cursor is never ahead of the pages kept',
    'курсор не опережает сохранённые страницы',
  ],
  'tasks, pages and posts are of the platform of their account': [
    'tasks, pages and posts are of the platform of their account',
    'задачи, страницы и публикации — той же платформы, что и аккаунт',
  ],
  'every page that is yet to be read has its body': [
    'every page that is yet to be read has its body',
    'у каждой непрочитанной страницы есть её ответ',
  ],
  'bodies outside of PostgreSQL that were given up are deleted within a day': [
    'bodies outside of PostgreSQL that were given up are deleted within a day',
    'ненужные ответы вне PostgreSQL удаляются за сутки',
  ],
  'every submitted ML job has an id of the provider': [
    'every submitted ML job has an id of the provider',
    'у каждого отправленного задания ML есть номер провайдера',
  ],
  'one annotation per content, kind and model version': [
    'one annotation per content, kind and model version',
    'одна аннотация на содержание, вид и версию модели',
  ],
  'no done ML job without an annotation': [
    'no done ML job without an annotation',
    'нет готового задания ML без аннотации',
  ],
  'no find of a model without its annotation': [
    'no find of a model without its annotation',
    'нет находки модели без аннотации',
  ],
  'no brand is found in what is not on record, and none that is not listed': [
    'no brand is found in what is not on record, and none that is not listed',
    'бренды найдены только в том, что есть, и только из списка',
  ],
  'no ML job is open but the newest attempt at its content': [
    'no ML job is open but the newest attempt at its content',
    'открыто только последнее задание ML для содержания',
  ],
  'every content of a post that a model looks at has an ML job, or a plan for one': [
    'every content of a post that a model looks at has an ML job, or a plan for one',
    'для каждого содержания, на которое смотрит модель, есть задание ML или план',
  ],
  'no two jobs wait for the same job of a provider': [
    'no two jobs wait for the same job of a provider',
    'два задания не ждут одного задания провайдера',
  ],
  'no window is overspent by us': ['no window is overspent by us', 'ни одна квота не превышена нами'],
  'no post is deleted that was not missed twice': [
    'no post is deleted that was not missed twice',
    'удалены только публикации, которых не нашли дважды',
  ],
  'nothing is missed or deleted but by a whole walk, or by an answer to its id': [
    'nothing is missed or deleted but by a whole walk, or by an answer to its id',
    'не найдено и удалено только полным обходом или ответом по номеру',
  ],
  'no request waits for a task that will make no further one': [
    'no request waits for a task that will make no further one',
    'ни один запрос не ждёт задачу, за которой не будет другой',
  ],
  'no finished task has a page still stored': [
    'no finished task has a page still stored',
    'у завершённой задачи нет непрочитанных страниц',
  ],
  'no open task has nothing open for two ticks': [
    'no open task has nothing open for two ticks',
    'нет открытой задачи, которой нечего ждать дольше двух тактов',
  ],
  'no row of an erased account is left': [
    'no row of an erased account is left',
    'от стёртого аккаунта не осталось строк',
  ],
  'no walk of an unfollowed account goes on': [
    'no walk of an unfollowed account goes on',
    'обход аккаунта, который больше не отслеживается, не идёт',
  ],
  'no row is in a default partition': [
    'no row is in a default partition',
    'нет строк в разделе по умолчанию',
  ],
  'the latest numbers are those of the newest row of the history': [
    'the latest numbers are those of the newest row of the history',
    'последние числа — из новейшей строки истории',
  ],
  'no row of the history repeats the one before within a day': [
    'no row of the history repeats the one before within a day',
    'строка истории не повторяет предыдущую в пределах суток',
  ],
  'no account is set aside for good: each is looked at again within a month, or a person holds it': [
    'no account is set aside for good: each is looked at again within a month, or a person holds it',
    'ни один аккаунт не отложен навсегда: на каждый смотрят снова в течение месяца, или его остановил человек',
  ],
  'an account keeps its posts: another account that shows one is noted beside it': [
    'an account keeps its posts: another account that shows one is noted beside it',
    'аккаунт сохраняет свои публикации: другой аккаунт, который их показывает, отмечен рядом',
  ],
  'no watermark lies in the future': [
    'no watermark lies in the future',
    'ни одна отметка не лежит в будущем',
  ],
  'every token given to a platform for renewal is settled within a day': [
    'every token given to a platform for renewal is settled within a day',
    'каждый токен, отданный платформе на обновление, решён за сутки',
  ],
  'no row about a post is left without it, and no post without its account': [
    'no row about a post is left without it, and no post without its account',
    'нет строк о публикации без неё и публикаций без аккаунта',
  ],
  'no plan and no wait for an ML job is left without its task, and no wait without its job': [
    'no plan and no wait for an ML job is left without its task, and no wait without its job',
    'нет планов и ожиданий заданий ML без задачи и ожиданий без задания',
  ],
  'every post has its newest-seen row': [
    'every post has its newest-seen row',
    'у каждой публикации есть строка последнего наблюдения',
  ],
} as const satisfies Texts
