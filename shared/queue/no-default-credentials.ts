/**
 * Stands in for the SDK's search for credentials in bundles: queue keys are settings, nothing else is looked for, and
 * a tenth of a megabyte stays out of every cold start.
 */
export const defaultProvider = () => async () => {
  throw new Error('queue keys are settings, and none were given')
}
