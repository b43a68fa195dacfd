// Plain JavaScript that an old Node can parse: says in one line why it cannot go on, and what brings the right one.
'use strict'

var needed = [22, 18]
var running = process.versions.node.split('.').map(Number)
if (running[0] < needed[0] || (running[0] === needed[0] && running[1] < needed[1])) {
  console.error(
    'This is Node ' +
      process.versions.node +
      '; ' +
      needed.join('.') +
      ' or later is needed. ' +
      'Run `npm ci` without --omit=optional: it brings Node 22 for the npm scripts (glibc Linux and macOS).',
  )
  process.exit(1)
}
