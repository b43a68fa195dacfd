import jpeg from 'jpeg-js'
import type { Picture } from './fetch-picture.ts'

/** Side of the small grey picture that is looked at, and of the corner of its low frequencies that makes the hash. */
const side = 32
const corner = 8

/** Weaker waves are noise: a change of brightness by less than one of 255 over the picture. */
const leastWave = side * side * 0.5

/** A function has 256 MB: larger pictures are not decoded. */
const limits = {
  useTArray: true,
  formatAsRGBA: false,
  maxResolutionInMP: 4,
  maxMemoryUsageInMB: 48,
} as const

/**
 * How a JPEG looks, as a signed 64-bit number in decimal text: a perceptual hash by the cosine transform. Pictures that were encoded or
 * scaled otherwise differ in up to six bits, mostly; so do pictures that differ in a word. null: no JPEG that can be decoded. Pure.
 */
export function looksOf({ bytes, type }: Picture): string | null {
  if (type !== 'image/jpeg') return null
  const grey = greyOf(bytes)
  if (!grey) return null
  const waves = lowWaves(grey)
  // Of a picture of one colour nothing is left.
  if (waves.every((wave) => Math.abs(wave) < leastWave)) return null
  const middle = [...waves].sort((a, b) => a - b)[waves.length >> 1] ?? 0
  const bits = waves.map((wave) => (wave > middle ? '1' : '0')).join('')
  return BigInt.asIntN(64, BigInt(`0b${bits}`)).toString()
}

/** Brightness by cells, in rows. */
function greyOf(bytes: Buffer): Float64Array | undefined {
  let image: { readonly width: number; readonly height: number; readonly data: Uint8Array }
  try {
    image = jpeg.decode(bytes, limits)
  } catch {
    return undefined
  }
  const { width, height, data } = image
  const sums = new Float64Array(side * side)
  const counts = new Uint32Array(side * side)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor((y * side) / height) * side + Math.floor((x * side) / width)
      const at = (y * width + x) * 3
      const light = (data[at] ?? 0) * 0.299 + (data[at + 1] ?? 0) * 0.587 + (data[at + 2] ?? 0) * 0.114
      sums[cell] = (sums[cell] ?? 0) + light
      counts[cell] = (counts[cell] ?? 0) + 1
    }
  return sums.map((sum, cell) => sum / Math.max(1, counts[cell] ?? 0))
}

const cosine = (place: number, wave: number) => Math.cos(((2 * place + 1) * wave * Math.PI) / (2 * side))

/** The strength of the lowest waves, those without any change left out. */
function lowWaves(grey: Float64Array): number[] {
  const places = Array.from({ length: side }, (_, place) => place)
  const waves = Array.from({ length: corner }, (_, wave) => wave + 1)
  const rows = places.map((y) =>
    waves.map((wave) => places.reduce((sum, x) => sum + (grey[y * side + x] ?? 0) * cosine(x, wave), 0)),
  )
  return waves.flatMap((down) =>
    waves.map((_, across) => places.reduce((sum, y) => sum + (rows[y]?.[across] ?? 0) * cosine(y, down), 0)),
  )
}
