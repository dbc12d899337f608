import type { Argument } from './argument.ts'
import { printsSecret } from './command-kinds.ts'
import { GROUPS, type Group } from './groups.ts'

/** The groups of a command, without the release track, and its verb. */
export type Command = {
  groups: string[]
  /** Undefined if there is none, or if it is an expression or a flag. */
  verb?: string
  /** The index of the verb among the arguments. */
  at: number
}

/** Finds the command in its arguments like gcloud does: the leading arguments that name groups, then the verb. */
export function commandOf(args: Argument[]): Command {
  let at = ['alpha', 'beta', 'preview'].includes(String(args[0])) ? 1 : 0
  const groups: string[] = []
  for (let group: Group | undefined = GROUPS; ; at++) {
    const arg = args[at]
    if (typeof arg !== 'string' || arg.startsWith('-') || arg.includes('${{')) return { groups, at }
    group = group[arg]
    if (group === undefined) return { groups, verb: arg, at }
    groups.push(arg)
  }
}

/** Flags that write a secret to disk, or read one from disk or the command line. */
const SECRET_FLAGS = ['--out-file', '--plaintext-file', '--password', '--root-password']

/**
 * Returns whether a command prints a secret payload, writes it to disk or reads it from there. Looks at all arguments, so
 * that their order cannot hide one.
 */
export function exposesSecret(args: Argument[]): boolean {
  const { groups, verb } = commandOf(args)
  const literal = args.filter((arg) => typeof arg === 'string')
  const flags = args.map((arg) => (typeof arg === 'string' ? arg : arg.flag).split('=', 1)[0] ?? '')
  return (
    (verb !== undefined && printsSecret([...groups, verb])) ||
    (literal.includes('versions') && literal.includes('access')) ||
    flags.some((flag) => SECRET_FLAGS.includes(flag)) ||
    (groups[0] === 'secrets' && flags.includes('--data-file'))
  )
}
