import type { ComponentChildren } from 'preact'
import { followersByDay, Sparkline } from './days.tsx'
import { t } from './language.ts'
import { count, followersOf, Gain, growthOf } from './measures.tsx'
import type { NumbersOf } from './types.ts'

/** Brands or accounts with what a range of days brought them: a table, on a phone a line each. */
export function NumbersTable<Item extends NumbersOf>(props: {
  readonly first: string
  readonly items: readonly Item[]
  readonly name: (item: Item) => ComponentChildren
  readonly plainName: (item: Item) => string
}) {
  const { first, items, name, plainName } = props
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">{first}</th>
          <th scope="col" class="number">
            {t('numbers.followers')}
          </th>
          <th scope="col" class="number">
            {t('numbers.growth')}
          </th>
          <th scope="col" />
          <th scope="col" class="number">
            {t('numbers.viewsGained')}
          </th>
          <th scope="col" class="number">
            {t('numbers.engagementGained')}
          </th>
          <th scope="col" class="number">
            {t('numbers.published')}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id}>
            <td>{name(item)}</td>
            <td data-label={t('numbers.followers')} class="number">
              {followersOf(item)}
            </td>
            <td data-label={t('numbers.growth')} class="number">
              <Gain of={item.followers_gained} />{' '}
              <span class="quiet">{growthOf(item.followers_gained, item.followers)}</span>
            </td>
            <td>
              <Sparkline
                points={followersByDay(item.days, item.followers)}
                name={`${plainName(item)}, ${t('numbers.followers')}`}
              />
            </td>
            <td data-label={t('numbers.viewsGained')} class="number">
              <Gain of={item.views_gained} />
            </td>
            <td data-label={t('numbers.engagementGained')} class="number">
              <Gain of={item.engagement_gained} />
            </td>
            <td data-label={t('numbers.published')} class="number">
              {count(item.published)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
