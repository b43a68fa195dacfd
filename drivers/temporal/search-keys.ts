import { defineSearchAttributeKey } from '@temporalio/common'

/** What stands in Temporal's list beside each workflow: numbers, states, and for whom; no names of people. */
export const searchKeys = {
  account: defineSearchAttributeKey('SocialAccount', 'KEYWORD'),
  platform: defineSearchAttributeKey('SocialPlatform', 'KEYWORD'),
  client: defineSearchAttributeKey('SocialClient', 'KEYWORD'),
  state: defineSearchAttributeKey('SocialState', 'KEYWORD'),
}
