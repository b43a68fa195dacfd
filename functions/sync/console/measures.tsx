import { number, t } from './language.ts'
import type { NumbersOf } from './types.ts'

/** A number as it is written here; null: the platform hides it. */
export const count = (value: number | string | null) =>
  value === null ? t('shell.hidden') : number(Number(value))

/** Followers of a brand or an account; what was never read is not called hidden. */
export const followersOf = ({ followers, days }: Pick<NumbersOf, 'followers' | 'days'>) =>
  followers === null && days.length === 0 ? t('shell.unknown') : count(followers)

/** What was gained, with its sign; null: not known. */
export function Gain({ of }: { readonly of: string | null }) {
  if (of === null) return <span class="quiet">{t('shell.unknown')}</span>
  const value = Number(of)
  const tone = value > 0 ? 'good' : value < 0 ? 'bad' : 'quiet'
  return <span class={tone}>{number(value, { signDisplay: 'exceptZero' })}</span>
}

/** What was gained as a share of what there was; null: not known. */
export function growthOf(gained: string | null, now: string | null): string | null {
  if (gained === null || now === null) return null
  const before = Number(now) - Number(gained)
  if (before <= 0 || Number(gained) === 0) return null
  return number(Number(gained) / before, {
    style: 'percent',
    maximumFractionDigits: 2,
    signDisplay: 'exceptZero',
  })
}

/** A share, as 4.2 %; null: not known. */
export const shareOf = (value: number | null) =>
  value === null ? t('shell.unknown') : number(value, { style: 'percent', maximumFractionDigits: 2 })

/** A length of time in its two largest units. */
export function lengthOf(ms: number): string {
  const units = [
    [t('shell.day'), 86_400_000],
    [t('shell.hour'), 3_600_000],
    [t('shell.minute'), 60_000],
    [t('shell.second'), 1_000],
  ] as const
  const first = units.findIndex(([, size]) => ms >= size)
  if (first < 0) return t('shell.moment')
  let left = ms
  return units
    .slice(first, first + 2)
    .flatMap(([name, size]) => {
      const many = Math.floor(left / size)
      left -= many * size
      return many > 0 ? [`${number(many)} ${name}`] : []
    })
    .join(' ')
}
