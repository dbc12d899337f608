import type { Ending } from '../run/model/events.ts'

/** The exit codes of the outside contract. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  drift: 3,
  declined: 4,
  inDoubt: 5,
  locked: 6,
  interrupted: 130,
} as const

/** Describes each exit code in a few words. */
export const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  done: 'done, conformant',
  failed: 'failed',
  usage: 'bad usage or an invalid file',
  drift: 'drift',
  declined: 'declined or not approved',
  inDoubt: 'in doubt: run `breakglass resume`',
  locked: 'locked by another run',
  interrupted: 'interrupted',
}

/** Returns the exit code for how a run ended. */
export function exitCodeOf(ending: Ending): number {
  switch (ending) {
    case 'done':
      return EXIT.done
    case 'failed':
      return EXIT.failed
    case 'drift':
      return EXIT.drift
    case 'declined':
      return EXIT.declined
    case 'in-doubt':
      return EXIT.inDoubt
    case 'interrupted':
      return EXIT.interrupted
  }
}
