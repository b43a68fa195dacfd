import { InvalidArgumentError } from '@commander-js/extra-typings'

/** Minutes as a person gives them to an option. */
export function minutes(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number of minutes.')
}
