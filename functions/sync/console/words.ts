/** What the API calls things, in words for people; any other name is shown as it is. */
const words: Readonly<Record<string, string>> = {
  http: 'asked for',
  schedule: 'by timer',
  backfill: 'when quota is left over',
  'ad-hoc': 'at once',
  incremental: 'what is new',
  full: 'every post',
  refresh: 'numbers of known posts',
  public_key: 'an API key, as everybody',
  public_discovery: 'our shared token',
  own_oauth: 'a token of its owner',
  research: 'the Research API',
  import: 'files that were imported',
  broken_answer: 'the answer has no known shape',
}

export const inWords = (word: string): string => words[word] ?? word.replaceAll('_', ' ')
