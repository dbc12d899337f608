import type { JsonObject } from '../base/json.ts'
import type { CommandLine } from '../gcloud-grammar/command-line.ts'
import { findCommand, type GcloudKnowledge, withoutTrack } from '../gcloud-grammar/command-tree.ts'

/** A step drafted from a command, as the keys of a runbook, and what a person must fill in. */
export type DraftStep = { step: JsonObject; marks: string[] }

/** A drafted step, or why the command was skipped. */
export type Draft = DraftStep | { leftOut: string }

/** The flags that locate a resource. */
export const LOCATION_FLAGS = new Set(['--region', '--zone', '--location', '--iam-account', '--secret'])

/** Returns the flags of a command that locate its resource, as arguments. */
export const locationOf = ({ flags }: CommandLine): string[] =>
  flags.flatMap(({ name, value }) => (LOCATION_FLAGS.has(name) && value ? [name, value.text] : []))

/** Returns the resource of a command: its first positional argument. */
export const subjectOf = ({ positionals, command }: CommandLine): string => positionals[0]?.text ?? command.join(' ')

/** Turns a word into a valid part of an ID. */
const slug = (text: string): string =>
  text
    .replaceAll(/\$\{\{[^{}]*\}\}/g, '')
    .replace(/@[\s\S]*/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-$/, '')
    .slice(0, 40)

/** Builds an ID from the valid parts of texts. */
export const idOf = (...parts: string[]): string =>
  parts
    .map(slug)
    .filter((part) => part !== '')
    .join('-')
    .slice(0, 60)
    .replace(/-{1,2}$/, '')

/** Returns the command in the same group that describes a resource. */
export function describing({ command }: CommandLine, { tree }: GcloudKnowledge): string[] {
  const group = command.slice(0, -1)
  const plain = withoutTrack(group)
  return findCommand(tree, [...plain, 'describe']) ? [...plain, 'describe'] : [...group, 'describe']
}
