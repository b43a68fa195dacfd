import { createCanvas } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import { looksOf } from '#shared/media/looks.ts'

/** A picture of blots, drawn at a scale and encoded at a quality. */
function photo(seed: number, scale = 1, quality = 90): Buffer {
  const canvas = createCanvas(800 * scale, 600 * scale)
  const context = canvas.getContext('2d')
  context.scale(scale, scale)
  for (let blot = 0; blot < 60; blot += 1) {
    const of = (most: number, step: number) => (blot * step * (seed + 3) + seed * 7919) % most
    context.fillStyle = `hsl(${of(360, 47)}, 60%, ${10 + of(80, 29)}%)`
    context.fillRect(of(780, 173), of(580, 97), 40 + of(260, 31), 40 + of(220, 53))
  }
  return canvas.encodeSync('jpeg', quality)
}

const looks = (bytes: Buffer) => BigInt.asUintN(64, BigInt(looksOf({ bytes, type: 'image/jpeg' }) ?? '0'))
const bits = (one: bigint, other: bigint) =>
  [...(one ^ other).toString(2)].filter((bit) => bit === '1').length

test('a picture that was encoded or scaled otherwise looks the same, and others do not', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed)
  const firsts = seeds.map((seed) => looks(photo(seed)))
  for (const [scale, quality] of [
    [1, 40],
    [0.5, 80],
    [1.5, 70],
  ] as const)
    for (const seed of seeds)
      expect(bits(firsts[seed] ?? 0n, looks(photo(seed, scale, quality)))).toBeLessThanOrEqual(6)
  for (const one of seeds)
    for (const other of seeds)
      if (one < other) expect(bits(firsts[one] ?? 0n, firsts[other] ?? 0n)).toBeGreaterThan(6)
})

test('what is no JPEG, or cannot be decoded, has no looks', () => {
  expect(looksOf({ bytes: photo(1), type: 'image/png' })).toBeNull()
  expect(looksOf({ bytes: photo(1).subarray(0, 300), type: 'image/jpeg' })).toBeNull()
  expect(looksOf({ bytes: Buffer.from([0xff, 0xd8, 0xff]), type: 'image/jpeg' })).toBeNull()
})
