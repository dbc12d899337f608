import type { PlannedStep } from '../plan/types.ts'
import type { UnreadableCause } from '../steps/types.ts'
import { Interrupted, type RunHost } from './model/host.ts'
import { elapsedSince, instantOf } from './model/time-taken.ts'
import type { AskAgain } from './read-back.ts'

/** Returns a function that asks the person about a step whose reading is refused; undefined if nobody is asked. */
export function askAgain(planned: PlannedStep, host: RunHost): AskAgain | undefined {
  const { operator, report, world } = host
  if (!operator.readAgain) return undefined
  const ask = operator.readAgain
  let since = instantOf(world)
  return async ({ cause, reason: why }) => {
    const { key, title } = planned
    await report({ type: 'step-refused', key, title, why, elapsed: elapsedSince(since, world) })
    // The intent is already in the log: leaving without an answer leaves the step in doubt.
    const says = await ask(planned, { why, fix: fixOf(cause) }).catch((gaveUp: unknown) => {
      if (gaveUp instanceof Interrupted) return 'stop' as const
      throw gaveUp
    })
    since = instantOf(world)
    if (says === 'again') await report({ type: 'step-resolving', key, title })
    return says === 'again'
  }
}

/** Returns what makes reading possible again. */
export function fixOf(cause: UnreadableCause): string {
  switch (cause) {
    case 'no-login':
      return 'log in again with `gcloud auth login`'
    case 'denied':
      return 'get permission to read it'
    case 'disabled-api':
      return 'enable the API'
    case 'no-gcloud':
      return 'install gcloud or put it on PATH'
    case 'network':
    case 'timeout':
    case 'undecided':
    case 'other':
      return 'find out why'
  }
}
