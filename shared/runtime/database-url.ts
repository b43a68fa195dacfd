/** The address of the database with its password, wherever that was given. */
export function databaseUrl(settings: {
  readonly DATABASE_URL: string
  readonly DATABASE_PASSWORD?: string | undefined
}): string {
  const { DATABASE_URL, DATABASE_PASSWORD } = settings
  if (DATABASE_PASSWORD === undefined) return DATABASE_URL
  const url = new URL(DATABASE_URL)
  // Encoded first: the setter leaves `%` as it is, and `%41` in a password would be read as `A`.
  url.password = encodeURIComponent(DATABASE_PASSWORD)
  return url.href
}
