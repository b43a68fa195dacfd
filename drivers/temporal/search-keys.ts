import { defineSearchAttributeKey } from '@temporalio/common'

/** What stands in Temporal's list beside each workflow: numbers and states, no names of people. */
export const searchKeys = {
  account: defineSearchAttributeKey('SocialAccount', 'KEYWORD'),
  platform: defineSearchAttributeKey('SocialPlatform', 'KEYWORD'),
  state: defineSearchAttributeKey('SocialState', 'KEYWORD'),
}
