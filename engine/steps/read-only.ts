import { commandOf, onlyReads } from '../runbook/gcloud-command.ts'
import type { GcloudCall, World } from './world.ts'

/**
 * The same world for observing: whatever a runbook says, it starts no gcloud command but those that are known to only
 * read. A command that it does not start has failed, so what it was to tell is unknown.
 */
export const readOnly = (world: World): World => ({
  ...world,
  async gcloud(call) {
    if (call.stdin === undefined && (onlyReads(commandOf(call.argv)) || readsPayload(call))) return world.gcloud(call)
    const message = `\`gcloud ${call.argv.join(' ')}\` was not started: it is not known to only read, and observing starts nothing else`
    return {
      way: 'cold',
      exitCode: null,
      output: new Uint8Array(0),
      stderr: '',
      durationMs: 0,
      failure: { cause: 'other', message: world.mask(message) },
    }
  },
})

/** A secret's payload is read by a command of the engine's own, whose output is kept nowhere. */
const readsPayload = ({ argv, secretOutput }: GcloudCall): boolean =>
  secretOutput === true && argv.slice(0, 3).join(' ') === 'secrets versions access'

/** The same world with no script of the team's own: what one was to tell is unknown. */
export const withoutScripts = (world: World): World => ({
  ...world,
  async script({ argv: [name] }) {
    const reason = `${name} was not started: --no-scripts allows no script`
    return { exitCode: null, output: '', failure: { cause: 'other', reason } }
  },
})
