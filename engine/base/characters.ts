import { type Diagnostic, problemAt } from './diagnostic.ts'
import { rangeFinder, type Source } from './source.ts'

const direction = '\u202a-\u202e\u2066-\u2069'
const refused = new RegExp(`[[\\p{Cc}\\p{Cs}\\ufffe\\uffff${direction}]--[\\t\\n\\r\\u0085]]|\\r(?!\\n)`, 'v')

/** The first character of a source that YAML forbids or that hides what the text says; undefined when there is none. */
export function refusedCharacter(source: Source): Diagnostic | undefined {
  const found = refused.exec(source.text)
  if (found === null) return undefined
  const range = rangeFinder(source.text)({ start: found.index, end: found.index + 1 })
  const { message, hint } = explain(found[0])
  return problemAt(source.name, range, `line ${range.line} holds ${message}`, hint)
}

function explain(character: string): { message: string; hint: string } {
  const code = character.codePointAt(0)!
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (code === 0)
    return { message: 'a NUL character: this is not a text file', hint: 'give a YAML file saved as UTF-8' }
  if (character === '\r')
    return { message: 'a carriage return without a line feed', hint: 'save the file with LF or CRLF line ends' }
  if (code >= 0xd800 && code <= 0xdfff)
    return {
      message: `half of a character (${name}, a lone surrogate)`,
      hint: 'remove it, or write the whole character',
    }
  if (new RegExp(`[${direction}]`, 'u').test(character))
    return {
      message: `a hidden character that turns the direction of the text (${name})`,
      hint: 'remove it: with it, the file shows something else than it says',
    }
  return {
    message: `a control character (${name})`,
    hint: 'remove it; in double quotes it can be written as an escape',
  }
}
