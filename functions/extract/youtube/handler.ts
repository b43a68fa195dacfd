import { youtube } from '#shared/platforms/youtube/index.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads YouTube with the key of an app. */
export const handler = cloudHandler(extractFunction(youtube))
