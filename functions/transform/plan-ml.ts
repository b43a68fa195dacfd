import type { StorableMedium } from '#shared/db/tables/post-children.ts'
import { pictureKey, textKey } from '#shared/ml/content.ts'
import type { Medium } from '#shared/model/post.ts'

export interface Models {
  readonly text: string
  readonly image: string
}

/** Fields of a post with the key of their text. Without models nothing is looked at. */
export const withTextKey = <Fields extends { readonly title: string | null; readonly body: string | null }>(
  fields: Fields,
  models: Models | null,
) => ({ ...fields, text_key: models && textKey(models.text, fields) })

/** A medium with the key of its picture. */
export const withContentKey = (medium: Medium, models: Models | null): StorableMedium => ({
  ...medium,
  content_key: models && pictureKey(models.image, medium),
})
