import { quoteList } from '../base/printable.ts'
import { suggest } from '../base/suggest.ts'
import type { Argument } from './argument.ts'
import { commandOf } from './command.ts'
import { type CommandKind, kindOfCommand } from './command-kinds.ts'
import table from './known-reads.json' with { type: 'json' }
import { faultInPlace } from './place-names.ts'
import { namesOtherResource } from './resource-names.ts'

/** Why a command line is not started by what may only read: the index of the argument at fault where one is, what is wrong, and what to do. */
export type ReadRefusal = { index?: number; message: string; hint?: string }

/** Returns the reading commands that are known, as groups and verb, each with the flags that it may be given. */
export function* knownReads(): Generator<[command: string, flags: readonly string[]]> {
  for (const [group, verbs] of Object.entries(table.commands))
    for (const [verb, set] of verbsIn(verbs)) yield [`${group} ${verb}`, flagsIn(set)]
}

/** The gcloud that the table was made of. */
export const READS_OF = table.sdk

const verbsIn = (text: string): [verb: string, set: number][] =>
  text.split(' ').map((word) => {
    const [verb = '', set] = word.split(':')
    return [verb, Number(set)]
  })

const flagsIn = (set: number): string[] => table.flags[set]?.split(' ').filter((flag) => flag !== '') ?? []

/** Returns the flags that a reading command may be given; undefined for a command that is not known as one. */
function flagsOf(groups: readonly string[], verb: string): readonly string[] | undefined {
  const group = groups.join(' ')
  if (!Object.hasOwn(table.commands, group)) return undefined
  const known = (table.commands as Record<string, string>)[group] ?? ''
  const [, set] = verbsIn(known).find(([name]) => name === verb) ?? []
  return set === undefined ? undefined : flagsIn(set)
}

/** Returns the kind of a command line: a read is one only if it is among the known ones. */
export function kindOf(words: Argument[]): CommandKind {
  const { groups, verb } = commandOf(words)
  if (groups.length === 0 || verb === undefined) return 'unknown'
  const kind = kindOfCommand([...groups, verb])
  return kind === 'read' && flagsOf(groups, verb) === undefined ? 'unknown' : kind
}

/** Returns why a command line may do something other than read, or read elsewhere; nothing for a known read with flags known for it. */
export function refusalOfRead(words: Argument[]): ReadRefusal | undefined {
  const { groups, verb, at } = commandOf(words)
  const flags = verb === undefined ? undefined : flagsOf(groups, verb)
  const name = ['gcloud', ...words.slice(0, at + (verb === undefined ? 0 : 1))].join(' ')
  if (verb === undefined || flags === undefined || kindOf(words) !== 'read')
    return refusalOfCommand(name, kindOf(words))
  for (const [index, word] of words.entries()) {
    if (index <= at) continue
    const fault = faultInWord(word, words[index - 1], flags, name)
    if (fault) return { index, ...fault }
  }
  return undefined
}

function refusalOfCommand(name: string, kind: CommandKind): ReadRefusal {
  switch (kind) {
    case 'print-secret':
      return {
        message: `\`${name}\` prints a secret`,
        hint: 'leave it out; a `secret` step compares secrets of Secret Manager without showing them',
      }
    case 'change':
      return {
        message: `\`${name}\` is not known to only read: it changes or starts something`,
        hint: 'observe with a command that lists or describes',
      }
    case 'read':
    case 'unknown':
      return {
        message: `\`${name}\` is not known to only read`,
        hint: `observe with a command that lists or describes; the known ones are those of gcloud ${READS_OF}`,
      }
  }
}

type Fault = { message: string; hint?: string }

function faultInWord(
  word: Argument,
  before: Argument | undefined,
  flags: readonly string[],
  name: string,
): Fault | undefined {
  const text = typeof word === 'string' ? word : word.flag
  if (!text.startsWith('-')) {
    const flag = typeof before === 'string' && flags.includes(before) ? before : undefined
    return flag === undefined ? faultInPositional(text) : faultInValue(flag, text)
  }
  const [, flag = text, value] = /^(--[^=]*)=([\s\S]*)$/.exec(text) ?? []
  if (flags.includes(flag) || (flag.startsWith('--no-') && flags.includes(`--${flag.slice(5)}`)))
    return value === undefined ? undefined : faultInValue(flag, value)
  const meant = suggest(flag, flags)
  return {
    message: `\`${flag}\` is not a flag that \`${name}\` is known to read with`,
    hint: meant
      ? `did you mean \`${meant}\`?`
      : flags.length === 0
        ? 'leave it out: it takes none'
        : `leave it out, or use ${quoteList([...flags])}`,
  }
}

function faultInValue(flag: string, value: string): Fault | undefined {
  const message = value.includes('${{') ? undefined : faultInPlace(flag, value)
  return message === undefined ? undefined : { message, hint: 'write it such as us-central1' }
}

function faultInPositional(text: string): Fault | undefined {
  if (text.includes('${{')) return undefined
  if (namesOtherResource(text))
    return { message: 'a full resource name could reach another project', hint: 'write the id alone' }
  // `gcloud storage` reads s3:// as whoever AWS's own configuration names, and file:// from this machine.
  return /^\s*(?!gs:)[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? { message: 'an address other than gs:// is outside Google Cloud', hint: 'name a bucket or an object with gs://' }
    : undefined
}
