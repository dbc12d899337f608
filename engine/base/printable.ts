const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Makes a text safe to print on a terminal: replaces control, format and direction characters with visible ones of the same
 * length in UTF-16 units, so that columns stay the same. Keeps tabs.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.codePointAt(0)!
    if (character === '\t') return character
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'.repeat(character.length)
  })
}

/** Makes a text safe to print and keeps its line feeds. */
export const printableLines = (text: string): string =>
  text
    .split(/\r\n|\n/)
    .map(printable)
    .join('\n')

/** Matches the first `#` of a log command in Azure Pipelines: `##[group]`, `##vso[task.…]`. */
const COMMAND = /#(?=#\w*\[)/g

/** Matches the first `:` of a workflow command in GitHub Actions, which may have space before it. */
const COMMAND_LINE = /^([^\S\r\n\u2028\u2029]*):(?=:)/gm

/** Breaks up the CI log commands in a text with a space. */
export const withoutCommands = (text: string): string => text.replace(COMMAND, '# ').replace(COMMAND_LINE, '$1: ')

/** Breaks up the CI log commands in XML with character references. */
export const withoutCommandsInXml = (text: string): string =>
  text.replace(COMMAND, '&#35;').replace(COMMAND_LINE, '$1&#58;')

/** Makes JSON safe to print on a terminal or in a CI log: escapes unprintable characters and log commands without changing the data. */
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

/** Quotes a piece of a file for a message: printable, on one line, at most about 60 characters, in backticks. */
export function quote(text: string): string {
  const shown = printable(text.slice(0, 80)).replaceAll('\t', '\u2409')
  return `\`${shown.length > 60 || text.length > 80 ? `${shown.slice(0, 59)}…` : shown}\``
}

/** Quotes words for a sentence: "`a`, `b` or `c`". Lists at most 12 and the total. */
export function quoteList(words: readonly string[], joint: 'or' | 'and' = 'or'): string {
  if (words.length > 12) return `${words.slice(0, 12).map(quote).join(', ')} … (${words.length} in total)`
  const quoted = words.map(quote)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} ${joint} ${last}`
}
