import { ascii, textRules } from '../text/rules.ts'

/**
 * Handles are ASCII and end where ASCII ends; Instagram drops the @ in captions of other accounts (Instagram Business
 * Discovery).
 */
export const instagramText = textRules(
  [{ body: '[A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?', own: ascii }],
  { chainsTags: true, fold: (bare) => bare.toLowerCase(), namesWithoutSign: true },
)
