import { refusalOfRead } from '../gcloud-grammar/reads.ts'
import type { GcloudCall, GcloudResult, World } from './world.ts'

/**
 * Returns a world for observing: every gcloud command counts as a read, and is refused unless it is one
 * (`refusingWrites`).
 */
export const asReads = (world: World): World => ({
  ...world,
  gcloud: (call) => world.gcloud({ ...call, onlyReads: true }),
})

/** Returns a world that starts only reads, whatever a runbook, a log or a plan contains. */
export const readOnly = (world: World): World => {
  const { gcloud } = asReads(world)
  return { ...world, gcloud: refusingWrites(gcloud, world.mask, () => true) }
}

/**
 * Wraps gcloud so that a read (`onlyReads`) must be a known read-only command with known flags. A refused command has
 * failed, so its result is unknown.
 */
export function refusingWrites(
  run: World['gcloud'],
  mask: World['mask'],
  mustRead: (call: GcloudCall) => boolean = ({ onlyReads }) => onlyReads === true,
): World['gcloud'] {
  return async (call) => {
    const why = mustRead(call) ? refusalOf(call) : undefined
    return why === undefined ? run(call) : notStarted(mask(`${why}; the command was not started: observing only reads`))
  }
}

function refusalOf(call: GcloudCall): string | undefined {
  const { argv, stdin } = call
  if (stdin !== undefined) return `something would be piped into \`gcloud ${argv.join(' ')}\``
  return readsForEngine(call) ? undefined : refusalOfRead(argv)?.message
}

const notStarted = (message: string): GcloudResult => ({
  way: 'cold',
  exitCode: null,
  output: new Uint8Array(0),
  stderr: '',
  durationMs: 0,
  failure: { cause: 'other', message },
})

/**
 * Returns whether a command is one of the two that print a secret which the engine reads into bytes without text form:
 * a version by its number, and the access token that identifies the account.
 */
function readsForEngine({ argv, secretOutput }: GcloudCall): boolean {
  if (secretOutput !== true) return false
  const [version = '', secret = '', ...more] = argv.slice(3)
  if (argv.slice(0, 3).join(' ') === 'secrets versions access')
    return /^[0-9]+$/.test(version) && /^--secret=[\w-]+$/.test(secret) && more.length === 0
  return argv.join(' ') === 'auth print-access-token'
}

/** Returns a world without scripts: their results are unknown. */
export const withoutScripts = (world: World): World => ({
  ...world,
  async script({ argv: [name] }) {
    const reason = `${name} was not started: --no-scripts allows no script`
    return { exitCode: null, output: '', failure: { cause: 'other', reason } }
  },
})
