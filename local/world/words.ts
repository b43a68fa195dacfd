import { pick } from './random.ts'
import { brands, hashtags, sentences } from './vocabulary.ts'

/** What a post says below its title: sentences, another brand now and then, hashtags. */
export function description(random: () => number): string {
  const parts: string[] = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, sentences))
  if (random() < 0.5) parts.push(`With @${pick(random, brands).handle} and ${pick(random, brands).name}`)
  parts.push(Array.from({ length: Math.floor(random() * 4) }, () => pick(random, hashtags)).join(' '))
  return random() < 0.04 ? '' : parts.join('\n').trim()
}
