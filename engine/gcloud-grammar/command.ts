import type { Argument } from './argument.ts'
import { printsSecret } from './command-kinds.ts'
import { GROUPS, type Group } from './groups.ts'

/** What a command line's words say for certain: its groups, without the release, and its verb, the command proper. */
export type Command = {
  groups: string[]
  /** Left out where there is none, or where an expression or a flag stands in its place. */
  verb?: string
  /** The index of the verb's place among the words. */
  at: number
}

/** Finds a command in its words as gcloud does: down its groups as long as words name one; the next word is the verb. */
export function commandOf(words: Argument[]): Command {
  let at = ['alpha', 'beta', 'preview'].includes(String(words[0])) ? 1 : 0
  const groups: string[] = []
  for (let group: Group | undefined = GROUPS; ; at++) {
    const word = words[at]
    if (typeof word !== 'string' || word.startsWith('-') || word.includes('${{')) return { groups, at }
    group = group[word]
    if (group === undefined) return { groups, verb: word, at }
    groups.push(word)
  }
}

/** Flags that write a secret to disk, or take one from there or from the command line. */
const TELLING_FLAGS = ['--out-file', '--plaintext-file', '--password', '--root-password']

/** Whether a command prints a secret payload, stores it on disk or takes it from there. Words behind the verb count too, so that no order of words hides one. */
export function tellsSecret(words: Argument[]): boolean {
  const { groups, verb } = commandOf(words)
  const literal = words.filter((word) => typeof word === 'string')
  const flags = words.map((word) => (typeof word === 'string' ? word : word.flag).split('=', 1)[0] ?? '')
  return (
    (verb !== undefined && printsSecret([...groups, verb])) ||
    (literal.includes('versions') && literal.includes('access')) ||
    flags.some((flag) => TELLING_FLAGS.includes(flag)) ||
    (groups[0] === 'secrets' && flags.includes('--data-file'))
  )
}
