/**
 * What is left of a secret in the base64 of something that it is a part of: a secret starts at any of three places
 * in a group of four symbols, and the symbols at its ends hold bits of what stands beside it.
 */
export function base64Inside(secret: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([new Uint8Array(offset), secret])
    const inside = bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6))
    return inside.length < SHORTEST_INSIDE ? [] : [inside, inside.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Fewer symbols stand in any base64 by chance. */
const SHORTEST_INSIDE = 6

/** A text as shells and their users quote it: inside single quotes, double quotes, or with a backslash before each odd character. */
export const shellQuoted = (text: string): string[] => [
  text.replaceAll("'", "'\\''"),
  text.replaceAll("'", `'"'"'`),
  text.replaceAll(/(["\\$`])/g, '\\$1'),
  text.replaceAll(/([^A-Za-z0-9_\-.,:+/@\n])/g, '\\$1'),
]
