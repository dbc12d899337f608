import type { Action, GcloudCommand, Undo } from '../steps/types.ts'

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
