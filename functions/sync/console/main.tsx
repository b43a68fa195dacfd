import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { languageNames, languages } from '#shared/language/accepted.ts'
import type { Key } from '#shared/language/catalogue.ts'
import { AccountPage } from './account.tsx'
import { AccountListPage } from './account-list.tsx'
import { AccountNumbersPage } from './account-numbers.tsx'
import { AccountsPage } from './accounts.tsx'
import { here, pageOf } from './address.ts'
import { AlertsPage } from './alerts.tsx'
import { ask, keepKey, takeKey } from './api.ts'
import { BestPostsPage } from './best-posts.tsx'
import { BrandPage } from './brand.tsx'
import { BrandsPage } from './brands.tsx'
import { ChecksPage } from './checks.tsx'
import { ComparePage } from './compare.tsx'
import { ConnectPage } from './connect.tsx'
import { chooseLanguage, language, t, zone } from './language.ts'
import { ListPage } from './list.tsx'
import { MentionsPage } from './mentions.tsx'
import { MlPage } from './ml.tsx'
import { OverviewPage } from './overview.tsx'
import { ParkedPage } from './parked.tsx'
import { Failure } from './parts.tsx'
import { PostPage } from './post.tsx'
import { StartPage } from './start.tsx'
import { SyncPage } from './sync.tsx'
import { SyncsPage } from './syncs.tsx'
import type { Overview } from './types.ts'
import { useAct } from './use-act.ts'
import { useApi } from './use-api.ts'
import './styles.css'

/** The pages by their addresses; a number stands for `id`. */
const pages: readonly (readonly [RegExp, (id: string) => preact.JSX.Element])[] = [
  [/^$/, () => <BrandsPage />],
  [/^brands\/(\d+)$/, (id) => <BrandPage key={id} id={id} />],
  [/^accounts$/, () => <AccountListPage />],
  [/^accounts\/(\d+)$/, (id) => <AccountNumbersPage key={id} id={id} />],
  [/^compare$/, () => <ComparePage />],
  [/^posts$/, () => <BestPostsPage />],
  [/^posts\/(\d+)$/, (id) => <PostPage key={id} id={id} />],
  [/^mentions$/, () => <MentionsPage />],
  [/^operations$/, () => <OverviewPage />],
  [/^followed$/, () => <AccountsPage />],
  [/^followed\/(\d+)$/, (id) => <AccountPage key={id} id={id} />],
  [/^syncs$/, () => <SyncsPage />],
  [/^syncs\/(\d+)$/, (id) => <SyncPage key={id} id={id} />],
  [/^start$/, () => <StartPage />],
  [/^list$/, () => <ListPage />],
  [/^connect$/, () => <ConnectPage />],
  [/^ml$/, () => <MlPage />],
  [/^parked$/, () => <ParkedPage />],
  [/^checks$/, () => <ChecksPage />],
  [/^alerts$/, () => <AlertsPage />],
]

const menu: readonly (readonly [to: string, name: Key])[] = [
  ['', 'shell.brands'],
  ['accounts', 'shell.accounts'],
  ['posts', 'shell.posts'],
  ['mentions', 'shell.mentions'],
  ['operations', 'shell.operations'],
]

/** What runs behind the numbers, one step behind them. */
const operations: readonly (readonly [to: string, name: Key])[] = [
  ['operations', 'work.overview'],
  ['followed', 'follow.followed'],
  ['connect', 'connect.connect'],
  ['syncs', 'work.syncs'],
  ['ml', 'repair.ml'],
  ['parked', 'repair.parked'],
  ['checks', 'repair.checks'],
  ['alerts', 'channels.title'],
  ['start', 'follow.title'],
]

const rootOf = (path: string) => pageOf(path).split('/')[0] ?? ''
const isOperation = (root: string) => root === 'list' || operations.some(([to]) => to === root)

function Console() {
  const [key, setKey] = useState(takeKey)
  const [path, setPath] = useState(here)
  useEffect(() => {
    const moved = () => {
      // A key may be handed over in a tab that has one already.
      setKey(takeKey())
      setPath(here())
    }
    addEventListener('hashchange', moved)
    return () => removeEventListener('hashchange', moved)
  }, [])
  const isMoved = useRef(false)
  useEffect(() => {
    if (isMoved.current) {
      scrollTo(0, 0)
      document.querySelector('h1')?.focus()
    }
    isMoved.current = true
  }, [pageOf(path)])
  if (key === '') return <KeyForm onKey={setKey} />
  const forget = () => {
    keepKey('')
    setKey('')
  }
  const at = pageOf(path)
  const [pattern, page] = pages.find(([one]) => one.test(at)) ?? []
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('shell.skip')}
      </button>
      <Menu root={rootOf(path)} forget={forget} />
      <main id="main" tabIndex={-1}>
        {page ? page(pattern?.exec(at)?.[1] ?? '') : <Nowhere />}
      </main>
      <Footer />
    </>
  )
}

function Menu({ root, forget }: { readonly root: string; readonly forget: () => void }) {
  const isCurrent = (to: string) =>
    to === root ||
    (to === 'operations' && isOperation(root)) ||
    (to === '' && root === 'brands') ||
    (to === 'accounts' && root === 'compare')
  return (
    <>
      <nav aria-label={t('shell.pages')}>
        <a class="brand" href="#/">
          social-sync
        </a>
        {menu.map(([to, name]) => (
          <a key={to} href={`#/${to}`} aria-current={isCurrent(to) ? 'page' : undefined}>
            {t(name)}
          </a>
        ))}
        <span class="aside">
          <LanguageChoice />
          <button type="button" class="link" onClick={forget}>
            {t('shell.forget')}
          </button>
        </span>
      </nav>
      {isOperation(root) && (
        <nav class="second" aria-label={t('shell.operations')}>
          {operations.map(([to, name]) => (
            <a key={to} href={`#/${to}`} aria-current={to === root ? 'page' : undefined}>
              {t(name)}
            </a>
          ))}
        </nav>
      )}
    </>
  )
}

/** In which zones times and days are. */
function Footer() {
  const overview = useApi<Overview>('/v1/overview')
  const days = overview.data?.report_time_zone
  return (
    <footer class="quiet">
      {t('shell.zone', { zone })}
      {days && <span>. {t('shell.days', { zone: days })}</span>}
    </footer>
  )
}

const LanguageChoice = () => (
  <select
    aria-label={t('shell.language')}
    value={language}
    onChange={(event) => {
      const wanted = languages.find((one) => one === event.currentTarget.value)
      if (wanted) chooseLanguage(wanted)
    }}
  >
    {languages.map((one) => (
      <option key={one} value={one} lang={one}>
        {languageNames[one]}
      </option>
    ))}
  </select>
)

const Nowhere = () => (
  <p>
    {t('shell.nowhere')} <a href="#/">{t('shell.toStart')}</a>
  </p>
)

function KeyForm({ onKey }: { readonly onKey: (key: string) => void }) {
  const { error, act } = useAct()
  const enter = (event: SubmitEvent) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget as HTMLFormElement).get('key')).trim()
    keepKey(key)
    void act(async () => {
      await ask('GET', '/v1/overview').catch((refused: unknown) => {
        keepKey('')
        throw refused
      })
      onKey(key)
    })
  }
  return (
    <main class="gate">
      <h1>social-sync</h1>
      <LanguageChoice />
      <p>{t('shell.gate')}</p>
      <form onSubmit={enter}>
        <label>
          {t('shell.key')}
          <input name="key" type="password" autocomplete="off" required minLength={32} spellcheck={false} />
        </label>
        <button type="submit" class="main">
          {t('shell.open')}
        </button>
      </form>
      {error && <Failure error={error} />}
    </main>
  )
}

document.documentElement.lang = language
const root = document.getElementById('console')
if (root) {
  root.replaceChildren()
  render(<Console />, root)
}
