import type { Json } from '../runbook/json.ts'
import { isJsonObject } from '../runbook/json.ts'
import { differencesOf } from '../steps/compare.ts'
import type { Action, Difference, Expectation, GcloudCommand, Observation, Undo } from '../steps/types.ts'

/** A value as a person reads it: texts as they are, lists parted by commas, nothing where there is none. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined || value === null) return '(none)'
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(describeValue).join(', ')
  return isJsonObject(value) ? JSON.stringify(value) : String(value)
}

/** One difference in a line: `ingress: internal → all`. */
export const describeDifference = ({ name, current, wanted }: Difference): string =>
  `${name}: ${describeValue(current)} → ${wanted === undefined ? '(none)' : describeValue(wanted)}`

/** What was seen against what must be, in one line. */
export function describeObserved(observation: Observation, expectation: Expectation): string {
  switch (observation.state) {
    case 'unknown':
      return observation.reason
    case 'absent':
      return expectation === 'absent' ? 'absent, as it must be' : 'absent'
    case 'value': {
      const differences = differencesOf(observation, expectation)
      if (differences.length > 0)
        return differences
          .map(
            ({ name, current, wanted }) =>
              `${name} is ${describeValue(current)}, must be ${wanted === undefined ? '(none)' : describeValue(wanted)}`,
          )
          .join('; ')
      return Object.entries(observation.value)
        .map(([name, value]) => `${name} ${describeValue(value)}`)
        .join(', ')
    }
  }
}

/** The command line that a person could type for an action: the same effect, byte for byte. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'gcloud':
      return describeCommand(action.command)
    case 'copy-secret': {
      const { from, to } = action
      const read = {
        argv: ['secrets', 'versions', 'access', from.version, `--secret=${from.secret}`, '--format=get(payload.data)'],
        project: from.project,
      }
      const write = { argv: ['secrets', 'versions', 'add', to.secret, '--data-file=-'], project: to.project }
      return `${describeCommand(read)} | tr '_-' '/+' | base64 -d | ${describeCommand(write)}`
    }
  }
}

/** How a change is taken back, as a command or as the reason why it can't be. */
export const describeUndo = (undo: Undo | undefined): string =>
  undo === undefined
    ? 'cannot be undone'
    : undo.kind === 'none'
      ? `cannot be undone: ${undo.reason}`
      : describeAction(undo)

const describeCommand = ({ argv, project }: GcloudCommand): string =>
  ['gcloud', ...argv, `--project=${project}`].map(quoteWord).join(' ')

/** A word as a POSIX shell must see it to take it literally. */
const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
