import type { JsonObject } from '../base/json.ts'
import type { CommandLine } from '../gcloud-grammar/command-line.ts'
import { findCommand, type GcloudKnowledge, withoutTrack } from '../gcloud-grammar/command-tree.ts'

/** A step that was made from a command, as its file's keys, and what a person must fill in. */
export type DraftStep = { step: JsonObject; marks: string[] }

/** A drafted step, or why there is none. */
export type Draft = DraftStep | { leftOut: string }

/** The flags that say where a thing is. */
export const PLACE = new Set(['--region', '--zone', '--location', '--iam-account', '--secret'])

/** The same as words of a command. */
export const placeOf = ({ flags }: CommandLine): string[] =>
  flags.flatMap(({ name, value }) => (PLACE.has(name) && value ? [name, value.text] : []))

/** What a command is about: its first own word. */
export const subjectOf = ({ positionals, command }: CommandLine): string => positionals[0]?.text ?? command.join(' ')

/** What of a word may stand in an id. */
const slug = (text: string): string =>
  text
    .replaceAll(/\$\{\{[^{}]*\}\}/g, '')
    .replace(/@[\s\S]*/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-$/, '')
    .slice(0, 40)

/** An id of what is left of texts. */
export const idOf = (...parts: string[]): string =>
  parts
    .map(slug)
    .filter((part) => part !== '')
    .join('-')
    .slice(0, 60)
    .replace(/-{1,2}$/, '')

/** The command of the same group that shows a thing. */
export function describing({ command }: CommandLine, { tree }: GcloudKnowledge): string[] {
  const group = command.slice(0, -1)
  const plain = withoutTrack(group)
  return findCommand(tree, [...plain, 'describe']) ? [...plain, 'describe'] : [...group, 'describe']
}
