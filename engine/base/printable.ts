const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A text that can do nothing to a terminal: control, format and direction characters become visible ones.
 * Each is replaced by as many UTF-16 units as it had, so columns stay; a tab stays a tab.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0)!
    if (character === '\t') return character
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'.repeat(character.length)
  })
}

/** The same for a text of several lines, for what has a place for them: line feeds stay. */
export const printableLines = (text: string): string =>
  text
    .split(/\r\n|\n/)
    .map(printable)
    .join('\n')

/** The first of two number signs with which a CI's log takes a command: `##[group]`, `##vso[task.…]`. */
const COMMAND = /#(?=#\w*\[)/g

/** The first of two colons with which GitHub's log takes a line for a command, whatever space stands before them. */
const COMMAND_LINE = /^([^\S\r\n\u2028\u2029]*):(?=:)/gm

/** A text in which a CI's log finds no command: what would begin one is parted by a space. */
export const withoutCommands = (text: string): string => text.replace(COMMAND, '# ').replace(COMMAND_LINE, '$1: ')

/** The same for XML, in which such a character can be written as a reference. */
export const withoutCommandsInXml = (text: string): string =>
  text.replace(COMMAND, '&#35;').replace(COMMAND_LINE, '$1&#58;')

/** JSON in which nothing can do anything to a terminal or a CI's log, or hide what it says: such characters are escaped, the data is the same. */
export const printableJson = (json: string): string =>
  json
    .replace(COMMAND, '\\u0023')
    .replace(unprintable, (character) =>
      character === '\n'
        ? character
        : Array.from(
            { length: character.length },
            (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
          ).join(''),
    )

/** A piece of a file as a message quotes it: printable, on one line, at most about 60 characters, in backticks. */
export function quote(text: string): string {
  const shown = printable(text.slice(0, 80)).replaceAll('\t', '\u2409')
  return `\`${shown.length > 60 || text.length > 80 ? `${shown.slice(0, 59)}…` : shown}\``
}

/** Quoted words as a sentence lists them: "`a`, `b` or `c`"; past 12 words the rest is counted. */
export function quoteList(words: readonly string[], joint: 'or' | 'and' = 'or'): string {
  if (words.length > 12) return `${words.slice(0, 12).map(quote).join(', ')} … (${words.length} in all)`
  const quoted = words.map(quote)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${joint} ${last}`
}
