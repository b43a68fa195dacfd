import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { AccountPage } from './account.tsx'
import { AccountsPage } from './accounts.tsx'
import { here, pageOf } from './address.ts'
import { ask, keepKey, takeKey } from './api.ts'
import { ChecksPage } from './checks.tsx'
import { ConnectPage } from './connect.tsx'
import { ListPage } from './list.tsx'
import { MlPage } from './ml.tsx'
import { OverviewPage } from './overview.tsx'
import { ParkedPage } from './parked.tsx'
import { Failure } from './parts.tsx'
import { PostPage } from './post.tsx'
import { StartPage } from './start.tsx'
import { SyncPage } from './sync.tsx'
import { SyncsPage } from './syncs.tsx'
import { useAct } from './use-act.ts'
import './styles.css'

/** The pages by their addresses; a number stands for `id`. */
const pages: readonly (readonly [RegExp, (id: string) => preact.JSX.Element])[] = [
  [/^$/, () => <OverviewPage />],
  [/^accounts$/, () => <AccountsPage />],
  [/^accounts\/(\d+)$/, (id) => <AccountPage key={id} id={id} />],
  [/^posts\/(\d+)$/, (id) => <PostPage key={id} id={id} />],
  [/^syncs$/, () => <SyncsPage />],
  [/^syncs\/(\d+)$/, (id) => <SyncPage key={id} id={id} />],
  [/^start$/, () => <StartPage />],
  [/^list$/, () => <ListPage />],
  [/^connect$/, () => <ConnectPage />],
  [/^ml$/, () => <MlPage />],
  [/^parked$/, () => <ParkedPage />],
  [/^checks$/, () => <ChecksPage />],
]

const menu = [
  ['', 'Overview'],
  ['accounts', 'Accounts'],
  ['connect', 'Connect'],
  ['syncs', 'Syncs'],
  ['ml', 'ML'],
  ['parked', 'Parked'],
  ['checks', 'Checks'],
  ['start', 'Follow or sync'],
] as const

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
        Skip to the content
      </button>
      <nav aria-label="Pages">
        <a class="brand" href="#/">
          social-sync
        </a>
        {menu.map(([to, name]) => (
          <a key={to} href={`#/${to}`} aria-current={pageOf(path).split('/')[0] === to ? 'page' : undefined}>
            {name}
          </a>
        ))}
        <button type="button" class="link" onClick={forget}>
          Forget the key
        </button>
      </nav>
      <main id="main" tabIndex={-1}>
        {page ? page(pattern?.exec(at)?.[1] ?? '') : <Nowhere />}
      </main>
    </>
  )
}

const Nowhere = () => (
  <p>
    There is nothing at this address. <a href="#/">To the overview</a>
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
      <p>
        This console speaks to the API with your key. It stays in this tab until the tab is closed. On your
        own machine <code>npm start</code> prints an address that brings the key along.
      </p>
      <form onSubmit={enter}>
        <label>
          API key
          <input name="key" type="password" autocomplete="off" required minLength={32} spellcheck={false} />
        </label>
        <button type="submit" class="main">
          Open
        </button>
      </form>
      {error && <Failure error={error} />}
    </main>
  )
}

const root = document.getElementById('console')
if (root) {
  root.replaceChildren()
  render(<Console />, root)
}
