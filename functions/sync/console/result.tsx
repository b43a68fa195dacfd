import { Fragment } from 'preact'
import { t } from './language.ts'

/** The result of a model, whatever its shape: names with their values, lists below each other. */
export function Result({ of }: { readonly of: unknown }) {
  if (Array.isArray(of)) return <Several items={of} />
  if (typeof of !== 'object' || of === null) return <>{of === null ? t('people.none') : String(of)}</>
  return (
    <dl>
      {Object.entries(of).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>
            <Result of={value} />
          </dd>
        </Fragment>
      ))}
    </dl>
  )
}

function Several({ items }: { readonly items: readonly unknown[] }) {
  const [first, ...others] = items
  if (first === undefined) return <>{t('people.none')}</>
  if (others.length === 0) return <Result of={first} />
  if (items.every((item) => typeof item !== 'object')) return <>{items.join(', ')}</>
  return (
    <ul class="plain">
      {items.map((item, index) => (
        <li key={index}>
          <Result of={item} />
        </li>
      ))}
    </ul>
  )
}
