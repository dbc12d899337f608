import { UserError } from '../base/problem.ts'
import type { Argument } from '../gcloud-grammar/argument.ts'
import { isFullResourceName } from '../gcloud-grammar/full-resource-names.ts'
import { locationFault } from '../gcloud-grammar/locations.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import { evaluate, fillSegment } from '../runbook/expressions/expression.ts'
import { soleExpression, splitTemplate } from '../runbook/expressions/template.ts'
import { faultInList, type Piece, piecesOf } from './list-values.ts'

/**
 * A value that can't become an argument. `word` is the argument as the runbook has it, `fault` what is wrong with the
 * value.
 */
export class ArgumentError extends UserError {
  readonly word: string
  readonly fault: string
  constructor(fault: string, value: string, word: string) {
    super(
      `${fault}: ${JSON.stringify(value)} (for \`${word}\`)`,
      'fix the inventory or the input that the value comes from',
    )
    this.word = word
    this.fault = `${fault}: ${JSON.stringify(value)}`
  }
}

/**
 * Binds a command's arguments. Values are checked first: none can become a flag or another item of a flag's list, name
 * a resource of another project (`projects/other/secrets/s` overrides `--project`), or contain a line break or NUL.
 * Throws UserError.
 */
export function bindArgv(argv: Argument[], variables: Variables): string[] {
  return argv.map((word, index) =>
    typeof word === 'string' ? bindArgument(word, argv[index - 1], variables) : bindFlag(word, variables),
  )
}

/** Binds a script's arguments: no value can become a flag, or contain a line break or NUL. Throws UserError. */
export function bindScriptArgv(argv: string[], variables: Variables): string[] {
  return argv.map((word) => {
    const segments = splitTemplate(word)
    if (segments.every((segment) => 'literal' in segment)) return word
    const value = segments.map((segment) => fillSegment(segment, variables)).join('')
    const fault = /[\n\r\0]/.test(value)
      ? 'an argument cannot contain a line break or NUL'
      : value.startsWith('-') && !word.startsWith('-')
        ? 'a value cannot start with a hyphen: it would be read as a flag'
        : undefined
    if (fault === undefined) return value
    throw new ArgumentError(fault, value, word)
  })
}

function bindFlag({ flag, on }: { flag: string; on: string }, variables: Variables): string {
  const value = evaluate(soleExpression(splitTemplate(on)) ?? on, variables)
  if (typeof value !== 'boolean')
    throw new UserError(
      `the value for \`${flag}\` is not true or false`,
      'fix the runbook, or the inventory that the value comes from',
    )
  return value ? flag : `--no-${flag.slice(2)}`
}

function bindArgument(word: string, before: Argument | undefined, variables: Variables): string {
  const segments = splitTemplate(word)
  if (segments.every((segment) => 'literal' in segment)) return word
  const pieces = piecesOf(segments, (segment) => fillSegment(segment, variables))
  const value = pieces.map(({ text }) => text).join('')
  const whole = segments.length === 1
  const fault = faultIn(value, whole, word) ?? faultInFlag(pieces, before)
  if (fault) throw new ArgumentError(fault, value, word)
  return value
}

/** Checks a flag's value, after `=` or as the next argument. */
function faultInFlag(pieces: Piece[], before: Argument | undefined): string | undefined {
  const [first, ...rest] = pieces
  const [, flag, start] = /^(--[a-z][a-z0-9-]*)=([\s\S]*)$/.exec(first && !first.bound ? first.text : '') ?? []
  if (flag !== undefined) return faultInFlagValue(flag, [{ text: start ?? '', bound: false }, ...rest])
  return typeof before === 'string' && /^--[a-z][a-z0-9-]*$/.test(before) ? faultInFlagValue(before, pieces) : undefined
}

const faultInFlagValue = (flag: string, pieces: Piece[]): string | undefined =>
  locationFault(flag, pieces.map(({ text }) => text).join('')) ?? faultInList(flag, pieces)

function faultIn(value: string, whole: boolean, word: string): string | undefined {
  if (/[\n\r\0]/.test(value)) return 'an argument cannot contain a line break or NUL'
  if (value === '') return 'an argument is empty'
  if (word.startsWith('-')) {
    if (!/^--?[a-z][a-z0-9-]*(=|$)/.test(word)) return 'the name of a flag cannot come from a value'
  } else if (value.startsWith('-')) return 'a value cannot start with a hyphen: it would be read as a flag'
  if (!whole) {
    const flagValue = /^--[a-z][a-z0-9-]*=/.test(word) ? value.slice(value.indexOf('=') + 1) : value
    return isFullResourceName(flagValue) && !word.startsWith('--role=')
      ? 'a full resource name could reach another project'
      : undefined
  }
  if (value.includes('/')) return 'an id cannot contain a slash'
  return undefined
}
