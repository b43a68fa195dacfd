import { ascii, textRules } from '../text/rules.ts'

/** Handles are ASCII and end where ASCII ends. */
export const tiktokText = textRules([{ body: '[A-Za-z0-9._]{1,23}[A-Za-z0-9_]', own: ascii }], {
  chainsTags: true,
  fold: (bare) => bare.toLowerCase(),
  namesWithoutSign: false,
})
