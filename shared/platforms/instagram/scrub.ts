/** An answer without what opens the account: links to other pages carry the token, and so may any text. */
export function scrub(text: string, token: string): string {
  const withoutLinks = text
    .replaceAll(/"(next|previous)"\s*:\s*"(?:[^"\\]|\\.)*"/g, '"$1":"[link]"')
    .replaceAll(/access_token=[^&"\\\s]+/g, 'access_token=[token]')
  return token === '' ? withoutLinks : withoutLinks.replaceAll(token, '[token]')
}
