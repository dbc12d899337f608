import { GROUPS, type Group } from './gcloud-groups.ts'
import type { Word } from './types.ts'

/** What a command line's words say for certain: its groups, without the release, and its verb, the command proper. */
export type Command = {
  groups: string[]
  /** Left out where there is none, or where an expression or a flag stands in its place. */
  verb?: string
  /** The index of the verb's place among the words. */
  at: number
}

/** Finds a command in its words as gcloud does: down its groups as long as words name one; the next word is the verb. */
export function commandOf(words: Word[]): Command {
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

/** The verbs that only read; everything else counts as a change. */
export const READING_VERBS = new Set([
  'describe',
  'list',
  'get-iam-policy',
  'get-ancestors-iam-policy',
  'read',
  'search',
  'lookup',
])

/** Whether a command is known to only read. */
export const onlyReads = ({ groups, verb }: Command): boolean =>
  groups.length > 0 && verb !== undefined && READING_VERBS.has(verb)

/** Verbs that print a secret, or store one on disk, in whatever group they are. */
const TELLING_VERBS =
  /^(access|(asymmetric-|raw-)?decrypt|print-(access|identity)-token|config-helper|get-credentials|get-key-string|fetch-read(-write)?-token|generate-login-token|reset-windows-password)$/

/** Commands that do the same by their groups: what they create or describe has its secret in it. */
const TELLING_COMMANDS =
  /^(iam service-accounts keys create|services api-keys (create|lookup)|storage hmac (create|describe)|publicca external-account-keys create|(iam oauth-clients|vmware private-clouds \w+) credentials [a-z-]+)$/

/** Flags that write a secret to disk, or take one from there or from the command line. */
const TELLING_FLAGS = ['--out-file', '--plaintext-file', '--password', '--root-password']

/** Whether a command prints a secret payload, stores it on disk or takes it from there. Words behind the verb count too, so that no order of words hides one. */
export function tellsSecret(words: Word[]): boolean {
  const { groups, verb } = commandOf(words)
  const literal = words.filter((word) => typeof word === 'string')
  const flags = words.map((word) => (typeof word === 'string' ? word : word.flag).split('=', 1)[0] ?? '')
  return (
    (verb !== undefined && (TELLING_VERBS.test(verb) || TELLING_COMMANDS.test([...groups, verb].join(' ')))) ||
    (literal.includes('versions') && literal.includes('access')) ||
    flags.some((flag) => TELLING_FLAGS.includes(flag)) ||
    (groups[0] === 'secrets' && flags.includes('--data-file'))
  )
}
