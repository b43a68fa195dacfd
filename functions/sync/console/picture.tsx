import { useState } from 'preact/hooks'
import { t } from './language.ts'

/** A picture of a platform, or a neutral one where there is none or it cannot be fetched: never a broken one. */
export function Picture(props: {
  readonly src: string | null | undefined
  readonly alt: string
  readonly kind: 'thumbnail' | 'avatar' | 'large'
}) {
  const { src, alt, kind } = props
  const [broken, setBroken] = useState<string>()
  if (!src || src === broken)
    return (
      <span class={`picture ${kind} none`} role="img" aria-label={`${alt}: ${t('people.noPicture')}`}>
        {kind === 'avatar' ? alt.replace(/^@/, '').charAt(0).toUpperCase() : ''}
      </span>
    )
  return (
    <img
      class={`picture ${kind}`}
      src={src}
      alt={alt}
      loading="lazy"
      decoding="async"
      referrerpolicy="no-referrer"
      onError={() => setBroken(src)}
    />
  )
}
