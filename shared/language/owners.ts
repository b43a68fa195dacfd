import type { Texts } from './text.ts'

/** Pages that owners of accounts see when they are asked for access. */
export const owners = {
  connect: ['Connect {{platform}} with {{agency}}', 'Подключение {{platform}} к {{agency}}'],
  yours: ['your account', 'ваш аккаунт'],
  yoursNamed: ['your account @{{handle}}', 'ваш аккаунт @{{handle}}'],
  asks: [
    '{{agency}} asks to read {{account}} on {{platform}}. You will be asked on a page of {{platform}} itself, and can refuse there. Your password is not seen here.',
    '{{agency}} просит разрешения читать {{account}} в {{platform}}. Вопрос задаст сама страница {{platform}}, и там можно отказаться. Ваш пароль здесь не виден.',
  ],
  wouldRead: ['What would be read:', 'Что будет читаться:'],
  nothingPosted: [
    'Nothing is posted or changed. You can take this back at any time, in the settings of {{platform}} under apps.',
    'Ничего не публикуется и не меняется. Отозвать доступ можно в любой момент в настройках {{platform}}, в разделе приложений.',
  ],
  goOn: ['Continue to {{platform}}', 'Перейти в {{platform}}'],
  back: ['Back to the console', 'Назад в консоль'],
  againHere: ['To try again, begin once more in the console.', 'Чтобы повторить, начните снова в консоли.'],
  againLink: [
    'To try again, open the link of {{agency}} once more.',
    'Чтобы повторить, откройте ссылку от {{agency}} ещё раз.',
  ],
  accountOf: ['Your {{platform}} account', 'Ваш аккаунт {{platform}}'],
  isConnected: ['{{account}} is connected', '{{account}} подключён'],
  canRead: [
    '{{agency}} can read it from now on. You can close this page.',
    'Теперь {{agency}} может его читать. Страницу можно закрыть.',
  ],
  notGranted: ['You did not grant these, so they stay empty:', 'Этого вы не разрешили, данных не будет:'],
  anotherLink: [
    'To add them, ask {{agency}} for another link.',
    'Чтобы добавить, попросите у {{agency}} новую ссылку.',
  ],
  nothingConnected: ['Nothing was connected', 'Ничего не подключено'],
  youRefused: [
    'You did not grant access on {{platform}}. {{again}}',
    'Вы не дали доступ в {{platform}}. {{again}}',
  ],
  needed: ['These are needed, and were not granted:', 'Эти права обязательны, но вы их не дали:'],
  leaveTicked: [
    '{{again}} Leave all of them ticked on the page of {{platform}}.',
    '{{again}} Оставьте на странице {{platform}} все отметки.',
  ],
  couldNot: ['{{account}} could not be connected', '{{account}} не удалось подключить'],
  toRegister: ['The address to register is', 'Адрес, который нужно зарегистрировать:'],
  wrong: ['Something went wrong on the way.', 'По пути что-то пошло не так.'],
  expired: [
    'This page was open for too long, or was opened before.',
    'Страница была открыта слишком долго или уже открывалась.',
  ],
  unfinished: ['The connection was not finished.', 'Подключение не завершено.'],
  code: [
    '{{platform}} did not accept the answer any more: it works once, and for a short time.',
    '{{platform}} больше не принимает этот ответ: он действует один раз и недолго.',
  ],
  unavailable: ['{{platform}} did not answer.', '{{platform}} не отвечает.'],
  account: [
    'This is a personal account, which {{platform}} lets no app read.',
    'Это личный аккаунт: {{platform}} не разрешает приложениям читать такие.',
  ],
  accountNext: [
    'Change it to a professional account in its settings, which costs nothing, and open the link again.',
    'Переведите его в профессиональный в настройках, это бесплатно, и откройте ссылку снова.',
  ],
  other_account: [
    'You chose {{account}}, and another account was to be connected again.',
    'Вы выбрали {{account}}, а подключить снова нужно другой аккаунт.',
  ],
  other_accountNext: [
    'Sign in to {{platform}} with that account, and open the link once more.',
    'Войдите в {{platform}} с тем аккаунтом и откройте ссылку ещё раз.',
  ],
  other_client: [
    '{{account}} is connected here already in another place.',
    '{{account}} уже подключён здесь в другом месте.',
  ],
  redirect: [
    '{{platform}} does not know the address that it sends you back to.',
    '{{platform}} не знает адрес, на который возвращает вас.',
  ],
  app: [
    '{{platform}} does not accept the app of {{agency}}.',
    '{{platform}} не принимает приложение {{agency}}.',
  ],
  tellAgency: ['Please tell {{agency}}.', 'Сообщите об этом {{agency}}.'],
  linkUsed: ['This link was used', 'Ссылка уже использована'],
  linkUsedSays: [
    'The account is connected. You can close this page.',
    'Аккаунт подключён. Страницу можно закрыть.',
  ],
  linkOver: ['This link opens nothing any more', 'Ссылка больше не действует'],
  linkOverSays: [
    'Its time is over, or it is not complete. Please ask {{agency}} for a new one.',
    'Её срок вышел, или она неполная. Попросите у {{agency}} новую.',
  ],
  deletion: ['Deletion of your data', 'Удаление ваших данных'],
  deletionSays: ['{{agency}}: {{state}}', '{{agency}}: {{state}}'],
  deletion_open: ['Your request was received, and is being carried out.', 'запрос получен и выполняется.'],
  deletion_done: ['All data of your account was deleted.', 'все данные вашего аккаунта удалены.'],
  deletion_none: [
    'No account of yours was found here. If you think that there is one, please write to us.',
    'вашего аккаунта здесь не найдено. Если вы думаете, что он есть, напишите нам.',
  ],
  deletion_unknown: ['There is no request under this number.', 'запроса с таким номером нет.'],
  trouble: ['This does not work at the moment', 'Сейчас это не работает'],
  troubleSays: ['Please try again later, or tell {{agency}}.', 'Попробуйте позже или сообщите {{agency}}.'],
} as const satisfies Texts

/** What rights of platforms give to read, by their names. */
export const rights = {
  instagram_business_basic: ['your profile and your posts', 'ваш профиль и публикации'],
  instagram_business_manage_insights: [
    'numbers of views, reach and saves',
    'количество просмотров, охват и сохранения',
  ],
  user_info_basic: ['name and picture', 'имя и изображение'],
  video_list: ['your public videos and their numbers', 'ваши открытые видео и их показатели'],
  user_info_profile: ['your username and profile', 'ваше имя пользователя и профиль'],
  user_info_stats: ['numbers of followers, likes and videos', 'количество подписчиков, лайков и видео'],
} as const satisfies Texts
