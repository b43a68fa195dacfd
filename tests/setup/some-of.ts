import { inject } from 'vitest'

/** All cases in a full run, else the first few: lists begin with cases that are unlike each other. */
export const someOf = <Case>(cases: readonly Case[], count: number): readonly Case[] =>
  inject('isFull') ? cases : cases.slice(0, count)
