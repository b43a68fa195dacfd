import { onTestFinished } from 'vitest'
import { routes } from '#functions/sync/serve.ts'
import { registerRedirects } from '../../local/cloud.ts'
import { openGateway } from '../../local/gateway.ts'
import { type Change, openTestWorld, type TestWorldOptions } from './world.ts'

interface Body {
  readonly id: string
  readonly key: string
  readonly tasks: { readonly waits_for: string | null; readonly ml_jobs: { readonly done: number } }[]
  readonly errors: { readonly field: string }[]
}

const key = 'k'.repeat(32)

/** The sync function behind the gateway, with the other functions running. */
export async function openApi(options: TestWorldOptions = {}, change?: Change) {
  const world = await openTestWorld(options)
  const opened = await world.open(change)
  const gateway = await openGateway(0, (event) => opened.cloud.triggers.call('sync', event))
  registerRedirects(world.simulators, gateway.url)
  onTestFinished(async () => {
    await gateway.close()
    await opened.close()
  })
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const answer = (await (isJson ? response.json() : response.text())) as Body
    if (isJson) holdToSchema(method, path, response.status, answer)
    return { status: response.status, headers: response.headers, body: answer }
  }
  return { world, opened, call, url: gateway.url }
}

/** Every good answer of the API fits its document. */
function holdToSchema(method: string, path: string, status: number, answer: unknown): void {
  const [bare = ''] = path.split('?')
  const route = routes.find(
    (one) => one.method === method && new RegExp(`^${one.path.replace('{id}', '\\d+')}$`).test(bare),
  )
  if (route?.status === status) route.schemas.answer.parse(answer)
}
