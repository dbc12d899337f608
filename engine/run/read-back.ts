import { sameJson } from '../runbook/json.ts'
import { own } from '../runbook/own.ts'
import { differencesOf, sameAcrossKeys, statusOf } from '../steps/compare.ts'
import type { BoundStep, Expectation, Observation } from '../steps/types.ts'
import type { Failure } from '../steps/world.ts'
import type { Verdict } from './events.ts'
import type { RunHost } from './host.ts'

/** What was read after a command, and how many reads it took. */
export type ReadBack = { observation: Observation; expectation: Expectation; reads: number }

/** Failures after which the service itself has said no: there is nothing to wait for. */
const FINAL: ReadonlySet<Failure['cause']> = new Set(['denied', 'no-login', 'disabled-api', 'invalid', 'no-gcloud'])

/** How a step is read again: what is, held against what must be. `mayBeLast`: one more conformant read is all that is waited for. */
export type Look = (mayBeLast: boolean) => Promise<{ observation: Observation; expectation: Expectation }>

/**
 * Reads a step again until it has been conformant as often in a row as it asks for, or its time is up. Where gcloud
 * was refused, one read is enough if nothing has changed, and two if both show what somebody else has set.
 */
export async function readBack(
  { key, settle: { reads: wanted, everyMs, withinMs } }: Pick<BoundStep, 'key' | 'settle'>,
  look: Look,
  before: Observation,
  failure: Failure | undefined,
  { world, tell, stopRequested }: Pick<RunHost, 'world' | 'tell' | 'stopRequested'>,
): Promise<ReadBack> {
  const deadline = world.clock.now().getTime() + withinMs
  let inARow = 0
  let theirs: Observation | undefined
  for (let reads = 1; ; reads++) {
    const started = world.clock.now().getTime()
    await tell({ moment: 'step-reading-back', key, reads, leftMs: deadline - started })
    const { observation, expectation } = await look(inARow + 1 >= wanted)
    inARow = statusOf(observation, expectation) === 'conformant' ? inARow + 1 : 0
    if (inARow >= wanted || isRefused(failure, observation, before)) return { observation, expectation, reads }
    if (failure?.cause === 'conflict' && isSomebodyElses(observation, before, expectation)) {
      if (theirs && sameAcrossKeys(observation, theirs)) return { observation, expectation, reads }
      theirs = observation
    }
    if (stopRequested()) return { observation: cutShort(observation), expectation, reads }
    // By when the read was begun: the clock of a sandbox may jump while it is under way.
    if (started + everyMs > deadline)
      return { observation: inARow > 0 ? unsettled(inARow, wanted) : observation, expectation, reads }
    await world.clock.sleep(everyMs)
  }
}

/** Whether the service has said no, and what is there leaves nothing to wait for. */
const isRefused = (failure: Failure | undefined, now: Observation, before: Observation): boolean =>
  failure !== undefined && FINAL.has(failure.cause) && sameAcrossKeys(now, before)

/** A value that the command was to set and that is neither what it was nor what it must be is not on its way there. */
function isSomebodyElses(now: Observation, before: Observation, expectation: Expectation): boolean {
  if (now.state !== 'value' || before.state !== 'value') return false
  const is = now.value
  return differencesOf(before, expectation).some(
    ({ name, current = null, wanted = null }) =>
      !sameJson(own(is, name) ?? null, current) && !sameJson(own(is, name) ?? null, wanted),
  )
}

const unsettled = (inARow: number, wanted: number): Observation => ({
  state: 'unknown',
  cause: 'timeout',
  reason: `it was right in ${inARow} of ${wanted} reads in a row when the time was up`,
})

/** A change may still show after the last read that there was time for, so what was seen so far is no verdict. */
const cutShort = (observation: Observation): Observation =>
  observation.state === 'unknown'
    ? observation
    : { state: 'unknown', cause: 'timeout', reason: 'the run was stopped before the change had settled' }

/** What the read-back says of the change. It alone decides; gcloud's exit code has no say. */
export function verdictOf(before: Observation, { observation, expectation }: ReadBack): Verdict {
  switch (statusOf(observation, expectation)) {
    case 'conformant':
      return 'applied'
    case 'unknown':
    case 'unseen':
      return 'in-doubt'
    case 'drift':
      return sameAcrossKeys(observation, before) ? 'not-applied' : 'ambiguous'
  }
}
