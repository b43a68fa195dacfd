/** Put in place by the build, from the registry of platforms. */
declare const PLATFORMS: readonly { readonly name: string; readonly title: string }[]

export const platforms = PLATFORMS

export const titleOf = (name: string): string =>
  platforms.find((platform) => platform.name === name)?.title ?? name
