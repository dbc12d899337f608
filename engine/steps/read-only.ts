import { refusalOfRead } from '../gcloud-grammar/reads.ts'
import type { GcloudCall, GcloudResult, World } from './world.ts'

/** The same world for an observation: whatever is asked of gcloud in it is a read, and is refused as one (`refusingWrites`). */
export const asReads = (world: World): World => ({
  ...world,
  gcloud: (call) => world.gcloud({ ...call, onlyReads: true }),
})

/** The same world where nothing but reads is started, whatever a runbook, a log or a plan says. */
export const readOnly = (world: World): World => {
  const { gcloud } = asReads(world)
  return { ...world, gcloud: refusingWrites(gcloud, world.mask, () => true) }
}

/**
 * Runs a gcloud command, but a read (`onlyReads`) only if it is known as one, with flags known for it. A command that
 * was not started has failed, so what it was to tell is unknown.
 */
export function refusingWrites(
  run: World['gcloud'],
  mask: World['mask'],
  mustRead: (call: GcloudCall) => boolean = ({ onlyReads }) => onlyReads === true,
): World['gcloud'] {
  return async (call) => {
    const why = mustRead(call) ? refusalOf(call) : undefined
    return why === undefined ? run(call) : notStarted(mask(`${why}; it was not started, since observing only reads`))
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

/** The two commands whose output is a secret that the engine itself reads, into bytes that have no text form: a version by its number, and the token that shows who is logged in. */
function readsForEngine({ argv, secretOutput }: GcloudCall): boolean {
  if (secretOutput !== true) return false
  const [version = '', secret = '', ...more] = argv.slice(3)
  if (argv.slice(0, 3).join(' ') === 'secrets versions access')
    return /^[0-9]+$/.test(version) && /^--secret=[\w-]+$/.test(secret) && more.length === 0
  return argv.join(' ') === 'auth print-access-token'
}

/** The same world with no script of the team's own: what one was to tell is unknown. */
export const withoutScripts = (world: World): World => ({
  ...world,
  async script({ argv: [name] }) {
    const reason = `${name} was not started: --no-scripts allows no script`
    return { exitCode: null, output: '', failure: { cause: 'other', reason } }
  },
})
