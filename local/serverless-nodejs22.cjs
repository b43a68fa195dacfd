// The plugin's list of runtimes ends before nodejs22, the only one the cloud supports: it is added where the list is.
class Nodejs22 {
  constructor(serverless) {
    admit(serverless.configSchemaHandler.schema, new Set())
  }
}

function admit(node, seen) {
  if (typeof node !== 'object' || node === null || seen.has(node)) return
  seen.add(node)
  if (Array.isArray(node.enum) && node.enum.includes('nodejs16') && !node.enum.includes('nodejs22'))
    node.enum.push('nodejs22')
  for (const value of Object.values(node)) admit(value, seen)
}

module.exports = Nodejs22
