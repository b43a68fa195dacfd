/** A fault that the person at the terminal can mend; shown as one line, without a stack. Exit 2. */
export class UserError extends Error {
  override readonly name: string = 'UserError'
}
