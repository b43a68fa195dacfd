import { MlKind, type MlRoute } from '../model/ml-job.ts'
import { ProviderSetting } from './settings.ts'

/** The settings that name ML providers. */
export interface NamedProviders {
  readonly ML_URL?: string | undefined
  readonly ML_PROVIDERS: readonly ProviderSetting[]
}

const usualModels = { text: 'text-v1', image: 'image-v1' }

/** All providers: those of ML_PROVIDERS, and before them `ml` at ML_URL for what they leave of texts and labels. */
export function providersOf({
  ML_URL: url,
  ML_PROVIDERS: given,
}: NamedProviders): readonly ProviderSetting[] {
  if (url === undefined || given.some(({ name }) => name === 'ml')) return given
  const done = new Set(given.flatMap(({ models }) => Object.keys(models)))
  const models = Object.fromEntries(Object.entries(usualModels).filter(([kind]) => !done.has(kind)))
  if (Object.keys(models).length === 0) return given
  return [ProviderSetting.parse({ name: 'ml', models, url }), ...given]
}

/** The kinds that a provider does, each with its model. */
export const routesOf = ({ name, models }: ProviderSetting): MlRoute[] =>
  MlKind.options.flatMap((kind) => {
    const model = models[kind]
    return model === undefined ? [] : [{ kind, provider: name, model }]
  })

/** Kinds that no provider does: nothing is planned of these. */
export function unservedKinds(providers: readonly ProviderSetting[]): MlKind[] {
  const served = new Set(providers.flatMap(routesOf).map(({ kind }) => kind))
  return MlKind.options.filter((kind) => !served.has(kind))
}
