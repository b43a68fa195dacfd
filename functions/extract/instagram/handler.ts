import { instagram } from '#shared/platforms/instagram/index.ts'
import { cloudHandler } from '#shared/runtime/handler.ts'
import { extractFunction } from '../handler.ts'

/** Reads Instagram: others' accounts by discovery, own ones with their owners' tokens. */
export const handler = cloudHandler(extractFunction(instagram))
