import type { Texts } from './text.ts'

/** What ML jobs look at, by the names of the API. */
export const mlKinds = {
  text: ['texts', 'тексты'],
  image: ['labels and logos of pictures', 'объекты и логотипы на изображениях'],
  image_text: ['words in pictures', 'слова на изображениях'],
  nsfw: ['safety of pictures', 'безопасность изображений'],
} as const satisfies Texts
