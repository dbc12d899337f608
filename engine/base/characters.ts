import { type Diagnostic, problemAt } from './diagnostic.ts'
import { rangeFinder, type Source } from './source.ts'

const direction = '\u202a-\u202e\u2066-\u2069'
const refused = new RegExp(`[[\\p{Cc}\\p{Cs}\\ufffe\\uffff${direction}]--[\\t\\n\\r\\u0085]]|\\r(?!\\n)`, 'v')

/** Returns a diagnostic for the first character that YAML forbids or that makes a text look different from its content. */
export function refusedCharacter(source: Source): Diagnostic | undefined {
  const found = refused.exec(source.text)
  if (found === null) return undefined
  const range = rangeFinder(source.text)({ start: found.index, end: found.index + 1 })
  const { message, hint } = explain(found[0])
  return problemAt(source.name, range, `line ${range.line} contains ${message}`, hint)
}

function explain(character: string): { message: string; hint: string } {
  const code = character.codePointAt(0)!
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (code === 0) return { message: 'a NUL character: this is not a text file', hint: 'save the file as UTF-8 text' }
  if (character === '\r')
    return { message: 'a carriage return without a line feed', hint: 'save the file with LF or CRLF line endings' }
  if (code >= 0xd800 && code <= 0xdfff)
    return {
      message: `an incomplete character (${name}, a lone surrogate)`,
      hint: 'remove it, or write the whole character',
    }
  if (new RegExp(`[${direction}]`, 'u').test(character))
    return {
      message: `an invisible character that changes the text direction (${name})`,
      hint: 'remove it: it makes the file look different from its content',
    }
  return {
    message: `a control character (${name})`,
    hint: 'remove it, or write it as an escape sequence in double quotes',
  }
}
