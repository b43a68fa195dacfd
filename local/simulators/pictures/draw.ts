import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas'
import { fraction, pick, seeded } from '../../world/random.ts'
import { brands } from '../../world/vocabulary.ts'
import { withComment } from './comment.ts'

const fontFolder = join(
  dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
)
const fonts = [
  'DejaVuSans',
  'DejaVuSans-Bold',
  'DejaVuSerif',
  'DejaVuSerif-Bold',
  'DejaVuSansMono-Bold',
  'DejaVuSansCondensed-Bold',
]

/** Brands whose names the fonts have letters for. */
const drawable = brands
  .map(({ name }) => name)
  .filter((name) => /^[\p{sc=Latin}\p{sc=Cyrillic}\p{P} ]+$/u.test(name))

const [width, height] = [1280, 720]

/** The brand whose name stands in the picture of a link; null: in every fifth none does. The query of a link says nothing. */
export function wordsIn(link: string): string | null {
  const seed = seedOf(link)
  return fraction(`words ${seed}`) < 0.2 ? null : pick(seeded(`brand ${seed}`), drawable)
}

const seedOf = (link: string): string => link.replace(/^https?:\/\//, '').split('?')[0] ?? ''

/** The picture of a link as JPEG, the same each time: the name of a brand on a ground. */
export const drawLink = (link: string): Buffer => draw(seedOf(link), wordsIn(link))

/** A picture with these words in the middle of it, or none; the seed decides on ground, font and place. */
export function draw(seed: string, words: string | null): Buffer {
  const random = seeded(`picture ${seed}`)
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const isDark = random() < 0.5
  paintGround(context, random, isDark)
  if (words !== null) write(context, random, words, isDark)
  const jpeg = canvas.encodeSync('jpeg', 85)
  return words === null ? jpeg : withComment(jpeg, words)
}

const grounds = ['plain', 'gradient', 'noisy'] as const

/** Dark grounds stay dark all over, and light ones light: words are legible everywhere. */
function paintGround(context: SKRSContext2D, random: () => number, isDark: boolean): void {
  const shade = () => Math.floor((isDark ? 0 : 0.75) * 255 + random() * 0.25 * 255)
  const color = () => `rgb(${shade()}, ${shade()}, ${shade()})`
  const ground = pick(random, grounds)
  const gradient = context.createLinearGradient(0, 0, width * random(), height)
  gradient.addColorStop(0, color())
  gradient.addColorStop(1, color())
  context.fillStyle = ground === 'plain' ? color() : gradient
  context.fillRect(0, 0, width, height)
  if (ground !== 'noisy') return
  for (let blot = 0; blot < 600; blot += 1) {
    context.fillStyle = color()
    const size = 2 + random() * 10
    context.fillRect(random() * width, random() * height, size, size)
  }
}

function write(context: SKRSContext2D, random: () => number, words: string, isDark: boolean): void {
  const name = pick(random, fonts)
  if (!GlobalFonts.has(name)) GlobalFonts.registerFromPath(join(fontFolder, `${name}.ttf`), name)
  let size = 40 + random() * 70
  const font = () => {
    context.font = `${size}px ${name}`
    return context.measureText(words).width
  }
  while (font() > width * 0.9) size *= 0.9
  const wide = font()
  context.fillStyle = isDark ? '#ffffff' : '#101010'
  context.fillText(
    words,
    30 + random() * (width - wide - 60),
    size + 20 + random() * (height - size * 2 - 40),
  )
}
