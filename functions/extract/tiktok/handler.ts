import { tiktok } from '#shared/platforms/tiktok/index.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads TikTok, each account with its owner's token, or with that of an app for research. */
export const handler = cloudHandler(extractFunction(tiktok))
