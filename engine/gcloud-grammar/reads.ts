import { quoteList } from '../base/printable.ts'
import { suggest } from '../base/suggest.ts'
import type { Argument } from './argument.ts'
import { commandOf } from './command.ts'
import { type CommandKind, kindOfCommand } from './command-kinds.ts'
import { isFullResourceName } from './full-resource-names.ts'
import table from './known-reads.json' with { type: 'json' }
import { locationFault } from './locations.ts'

/** Why a command is not accepted as read-only, with the index of the argument at fault, if any. */
export type ReadRefusal = { index?: number; message: string; hint?: string }

/** Yields the known read-only commands with the flags they may have. */
export function* knownReads(): Generator<[command: string, flags: readonly string[]]> {
  for (const [group, verbs] of Object.entries(table.commands))
    for (const [verb, set] of verbsIn(verbs)) yield [`${group} ${verb}`, flagsIn(set)]
}

/** The gcloud version that the table was generated from. */
export const READS_OF = table.sdk

const verbsIn = (text: string): [verb: string, set: number][] =>
  text.split(' ').map((arg) => {
    const [verb = '', set] = arg.split(':')
    return [verb, Number(set)]
  })

const flagsIn = (set: number): string[] => table.flags[set]?.split(' ').filter((flag) => flag !== '') ?? []

/** Returns the flags that a read-only command may have, or undefined for any other command. */
function flagsOf(groups: readonly string[], verb: string): readonly string[] | undefined {
  const group = groups.join(' ')
  if (!Object.hasOwn(table.commands, group)) return undefined
  const known = (table.commands as Record<string, string>)[group] ?? ''
  const [, set] = verbsIn(known).find(([name]) => name === verb) ?? []
  return set === undefined ? undefined : flagsIn(set)
}

/** Returns the kind of a command; one that is not in the table is not a read. */
export function kindOf(args: Argument[]): CommandKind {
  const { groups, verb } = commandOf(args)
  if (groups.length === 0 || verb === undefined) return 'unknown'
  const kind = kindOfCommand([...groups, verb])
  return kind === 'read' && flagsOf(groups, verb) === undefined ? 'unknown' : kind
}

/** Returns why a command might do more than read, or read elsewhere, or undefined for a known read-only command with known flags. */
export function refusalOfRead(args: Argument[]): ReadRefusal | undefined {
  const { groups, verb, at } = commandOf(args)
  const flags = verb === undefined ? undefined : flagsOf(groups, verb)
  const name = ['gcloud', ...args.slice(0, at + (verb === undefined ? 0 : 1))].join(' ')
  if (verb === undefined || flags === undefined || kindOf(args) !== 'read') return refusalOfCommand(name, kindOf(args))
  for (const [index, arg] of args.entries()) {
    if (index <= at) continue
    const fault = faultInArgument(arg, args[index - 1], flags, name)
    if (fault) return { index, ...fault }
  }
  return undefined
}

function refusalOfCommand(name: string, kind: CommandKind): ReadRefusal {
  switch (kind) {
    case 'print-secret':
      return {
        message: `\`${name}\` prints a secret`,
        hint: 'remove it; to compare secrets in Secret Manager without showing them, use a `secret` step',
      }
    case 'change':
      return {
        message: `\`${name}\` is not a read-only command: it changes or starts something`,
        hint: 'use a command that lists or describes',
      }
    case 'read':
    case 'unknown':
      return {
        message: `\`${name}\` is not a known read-only command`,
        hint: `use a command of gcloud ${READS_OF} that lists or describes`,
      }
  }
}

type Fault = { message: string; hint?: string }

function faultInArgument(
  arg: Argument,
  before: Argument | undefined,
  flags: readonly string[],
  name: string,
): Fault | undefined {
  const text = typeof arg === 'string' ? arg : arg.flag
  if (!text.startsWith('-')) {
    const flag = typeof before === 'string' && flags.includes(before) ? before : undefined
    return flag === undefined ? faultInPositional(text) : faultInValue(flag, text)
  }
  const [, flag = text, value] = /^(--[^=]*)=([\s\S]*)$/.exec(text) ?? []
  if (flags.includes(flag) || (flag.startsWith('--no-') && flags.includes(`--${flag.slice(5)}`)))
    return value === undefined ? undefined : faultInValue(flag, value)
  const meant = suggest(flag, flags)
  return {
    message: `\`${flag}\` is not a known read-only flag of \`${name}\``,
    hint: meant
      ? `did you mean \`${meant}\`?`
      : flags.length === 0
        ? 'remove it: no flag of this command is known to be read-only'
        : `remove it, or use ${quoteList([...flags])}`,
  }
}

function faultInValue(flag: string, value: string): Fault | undefined {
  const message = value.includes('${{') ? undefined : locationFault(flag, value)
  return message === undefined ? undefined : { message, hint: 'use a name such as us-central1' }
}

function faultInPositional(text: string): Fault | undefined {
  if (text.includes('${{')) return undefined
  if (isFullResourceName(text))
    return { message: 'a full resource name can refer to another project', hint: 'use only the ID' }
  // `gcloud storage` reads s3:// with the local AWS credentials, and file:// from this machine.
  return /^\s*(?!gs:)[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? { message: 'only gs:// URLs are in Google Cloud', hint: 'use the gs:// URL of a bucket or an object' }
    : undefined
}
