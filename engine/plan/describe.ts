import { formatDuration } from '../base/duration.ts'
import type { Action, GcloudCommand, Undo, Waiting } from '../steps/types.ts'

/**
 * Describes an action: a change as a command line that a person could type, with the same effect byte for byte;
 * anything else in words.
 */
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
    case 'by-hand':
      return action.evidence === undefined
        ? action.instructions
        : `${action.instructions} (asks for: ${action.evidence})`
    case 'ask':
      return action.question
    case 'wait':
      return describeWaiting(action.waiting)
  }
}

/** Describes how long a step waits. */
export const describeWaiting = (waiting: Waiting): string =>
  'forMs' in waiting
    ? `for ${formatDuration(waiting.forMs)}`
    : `until it holds, at most ${formatDuration(waiting.withinMs)}, read every ${formatDuration(waiting.everyMs)}`

/** Describes an undo as a command, or why there is none. */
export const describeUndo = (undo: Undo | undefined): string =>
  undo === undefined
    ? 'cannot be undone'
    : undo.kind === 'none'
      ? `cannot be undone: ${undo.reason}`
      : describeAction(undo)

const describeCommand = ({ argv, project }: GcloudCommand): string =>
  ['gcloud', ...argv, `--project=${project}`].map(quoteWord).join(' ')

/** Quotes an argument so that a POSIX shell takes it literally. */
export const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
