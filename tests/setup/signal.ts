/** For runs that nothing stops. */
export const unstopped = new AbortController().signal
