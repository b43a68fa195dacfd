import type { Texts } from './text.ts'

/** Kinds of posts, by the names of the API. */
export const kinds = {
  video: ['video', 'видео'],
  short_video: ['short video', 'короткое видео'],
  live: ['broadcast', 'трансляция'],
  image: ['picture', 'изображение'],
  carousel: ['carousel', 'карусель'],
  story: ['story', 'история'],
  text: ['text', 'текст'],
  unknown: ['not known yet', 'пока неизвестно'],
} as const satisfies Texts
