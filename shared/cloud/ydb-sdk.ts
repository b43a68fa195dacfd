import * as sdk from 'ydb-sdk'

/** The SDK is a CommonJS module whose names Node does not find by itself: all are in its default export. */
export const ydb = 'Driver' in sdk ? sdk : (sdk as { readonly default: typeof sdk }).default
