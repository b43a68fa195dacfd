/** The half of the package that writes: the whole of it would make every bundle larger. */
declare module 'pg-copy-streams/copy-from.js' {
  import type { from } from 'pg-copy-streams'

  const copyFrom: typeof from
  // biome-ignore lint/style/noDefaultExport: it is all that the file exports
  export default copyFrom
}
