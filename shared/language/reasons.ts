import type { Plain } from './text.ts'

/**
 * Reasons that come on record for accounts, consents and apps, as they are written there, and in Russian; the first that fits is taken.
 * `{{text}}` stands for words of a platform or a provider, `{{reason}}` for another of these reasons, any other value for one word.
 */
export const reasons: readonly Plain[] = [
  [
    '{{reason}}; asked once more tomorrow before the account is called {{status}}',
    '{{reason}}; завтра проверим ещё раз, до этого состояние аккаунта не меняется',
  ],
  // Accounts and their owners' consent.
  ['the platform does not find it', 'платформа его не находит'],
  ['the platform does not find this account', 'платформа не находит этот аккаунт'],
  ['the same account is followed already', 'этот аккаунт уже отслеживается'],
  ['paused by hand', 'приостановлен вручную'],
  ['the owner removed the app', 'владелец отключил приложение'],
  ['its owner must grant access again', 'владелец должен снова дать доступ'],
  ['its owner must grant access again: {{text}}', 'владелец должен снова дать доступ: {{text}}'],
  ['its owner has not granted what it takes: {{text}}', 'владелец дал не все нужные права: {{text}}'],
  [
    'its owner must pass a check on {{platform}}: {{text}}',
    'владелец должен пройти проверку на {{platform}}: {{text}}',
  ],
  [
    'its new tokens were lost before they could be stored: its owner, who withdrew nothing, must grant access again',
    'новый доступ был потерян до сохранения: владелец ничего не отзывал, но должен дать доступ снова',
  ],
  ['there is no token for this account', 'для этого аккаунта нет доступа'],
  ['it has expired', 'его срок истёк'],
  ['its access token has expired and was not refreshed yet', 'доступ истёк и ещё не обновлён'],
  ['what is sealed is no token', 'сохранённый доступ не содержит токена'],
  ['a credential holds no token', 'сохранённый доступ не содержит токена'],
  ['a credential cannot be opened with this key', 'этим ключом сохранённый доступ не открыть'],
  ['access to the account is denied: {{text}}', 'доступ к аккаунту закрыт: {{text}}'],
  ['the account is suspended: {{text}}', 'аккаунт заблокирован платформой: {{text}}'],
  ['the account is closed: {{text}}', 'аккаунт закрыт: {{text}}'],
  [
    '{{platform}} accounts cannot be read by {{access}} here',
    'здесь нет подключения, которое читает такие аккаунты',
  ],
  [
    'Instagram looks accounts up by username, and this is none: 1 to 30 letters, digits, dots or underscores',
    'Instagram ищет аккаунты по имени, а это не имя: нужно от 1 до 30 букв, цифр, точек или подчёркиваний',
  ],
  [
    'Instagram shows no professional account {{handle}}: a personal one must become a business or creator account',
    'Instagram не показывает профессионального аккаунта {{handle}}: личный нужно перевести в бизнес-аккаунт или аккаунт автора',
  ],
  [
    'Instagram does not find {{handle}} any more: renamed, closed, or personal now',
    'Instagram больше не находит {{handle}}: переименован, закрыт или стал личным',
  ],
  [
    '{{handle}} belongs to another account now: follow the account under its new handle',
    '{{handle}} теперь принадлежит другому аккаунту: добавьте прежний под новым именем',
  ],
  ['TikTok does not find this username: {{text}}', 'TikTok не находит такого имени: {{text}}'],
  [
    'the Research API finds accounts by username, and this one has none',
    'Research API ищет аккаунты по имени, а у этого аккаунта его нет',
  ],
  [
    '{{platform}} refuses the token: its owner must grant access again',
    '{{platform}} отклоняет токен: владелец должен дать доступ снова',
  ],
  [
    '{{platform}} refuses the refresh token: its owner must grant access again',
    '{{platform}} не продлевает доступ: владелец должен дать его снова',
  ],
  // Apps and what to do about them.
  ['the app is refused', 'приложению отказано'],
  ['accounts are refused alike: {{reason}}', 'одинаковый отказ по разным аккаунтам: {{reason}}'],
  ['tokens are refused alike: {{reason}}', 'одинаковый отказ по разным владельцам: {{reason}}'],
  ['the shared token: {{reason}}', 'общий токен: {{reason}}'],
  [
    'the settings for {{platform}} accounts read by {{access}} are missing',
    'нет настроек, по которым читаются эти аккаунты',
  ],
  [
    'add them and deploy again: docs/access.md says what each access mode takes',
    'добавьте их и разверните снова: что нужно для каждого способа, сказано в docs/access.md',
  ],
  [
    'check YOUTUBE_API_KEY: that it exists, its restrictions (address, referrer, API), that the YouTube Data API is enabled in its project, and the billing of that project',
    'проверьте YOUTUBE_API_KEY: существует ли ключ, каковы его ограничения (адрес, источник, API), включён ли YouTube Data API в его проекте и оплачен ли проект',
  ],
  [
    "look at the app's dashboard at Meta: its mode, review, permissions and restrictions, and whether the shared token of INSTAGRAM_USER_ID still works",
    'проверьте приложение в кабинете Meta: режим, статус проверки (App Review), права и ограничения, и действует ли общий токен INSTAGRAM_USER_ID',
  ],
  [
    "look at the app in TikTok's developer portal: its products, scopes and review, and its key and secret in the settings",
    'проверьте приложение в кабинете разработчика TikTok: продукты, права и статус проверки, а в настройках его ключ и секрет',
  ],
  [
    'TikTok refuses each token that it gives the app: {{code}}',
    'TikTok отклоняет каждый токен, который сам выдаёт приложению: {{code}}',
  ],
  ['TikTok refuses the token of the app: {{code}}', 'TikTok отклоняет токен приложения: {{code}}'],
  [
    'TikTok gives no token at this moment: it answered {{status}}',
    'TikTok сейчас не выдаёт токен: ответ {{status}}',
  ],
  [
    'TikTok gives the app no token: it answered {{status}}',
    'TikTok не выдаёт приложению токен: ответ {{status}}',
  ],
  ['{{platform}} gives no token: {{code}}', '{{platform}} не выдаёт токен: {{code}}'],
  ['{{platform}} gives no tokens: {{code}}', '{{platform}} не выдаёт токены: {{code}}'],
  // Refusals of platforms.
  ['the quota of {{platform}} is used up: {{text}}', 'квота {{platform}} исчерпана: {{text}}'],
  ['the daily quota of {{platform}} is used up: {{text}}', 'дневная квота {{platform}} исчерпана: {{text}}'],
  ['{{platform}} asks to slow down: {{text}}', '{{platform}} просит обращаться реже: {{text}}'],
  [
    '{{platform}} has blocked this action: {{text}}',
    'это действие заблокировано на стороне {{platform}}: {{text}}',
  ],
  ['{{platform}} refuses the app: {{text}}', '{{platform}} отказывает приложению: {{text}}'],
  ['{{platform}} refuses the access token: {{text}}', '{{platform}} отклоняет токен: {{text}}'],
  ['{{platform}} does not find it: {{text}}', '{{platform}} этого не находит: {{text}}'],
  [
    '{{platform}} refuses the place in its list: {{text}}',
    '{{platform}} отказывается продолжать список с этого места: {{text}}',
  ],
  ['{{platform}} refuses the request: {{text}}', '{{platform}} отклоняет запрос: {{text}}'],
  ['{{platform}} refuses this form: {{text}}', '{{platform}} отклоняет запрос в таком виде: {{text}}'],
  ['{{platform}} is in trouble: {{text}}', 'на стороне {{platform}} сбой: {{text}}'],
  ['{{platform}} does not say why it refuses: {{text}}', '{{platform}} отказывает без объяснений: {{text}}'],
  ['{{platform}} refuses in a way that is not known: {{text}}', 'неизвестный отказ {{platform}}: {{text}}'],
  ['Instagram does not serve {{field}} any more: {{text}}', 'Instagram больше не отдаёт {{field}}: {{text}}'],
  ['the page is too heavy: {{text}}', 'страница слишком тяжёлая: {{text}}'],
  ['{{platform}} sent an answer of unknown shape', 'ответ {{platform}} имеет неизвестную форму'],
  ['{{platform}} answered {{status}}', 'ответ {{platform}}: {{status}}'],
]
