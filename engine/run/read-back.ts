import { sameJson } from '../base/json.ts'
import { own } from '../base/own.ts'
import { differencesOf, sameAcrossKeys, statusOf } from '../steps/compare.ts'
import type { BoundStep, Expectation, Observation, UnreadableCause } from '../steps/types.ts'
import type { Failure } from '../steps/world.ts'
import type { ReadUntil, ReadVerdict } from './model/events.ts'
import type { RunHost } from './model/host.ts'
import { elapsedOf } from './model/time-taken.ts'
import type { Refusal, StillOpen } from './open-ended.ts'

/** What was read after a command, how many reads it took, why no more were made, and for how long its change may still take effect. */
export type ReadBack = {
  observation: Observation
  expectation: Expectation
  reads: number
  until: ReadUntil
  openForMs: number
  /** What the cloud says of the change itself: how its operation failed, or what state it left for good. */
  says?: string
}

/**
 * What is known of a command before its first read: how it failed, and whether that was a refusal; what may still come of it,
 * and whether all of that is waited for.
 */
export type Sent = {
  failure?: Failure | undefined
  refused?: Refusal | undefined
  open?: StillOpen | undefined
  toTheEnd?: boolean
}

/** What one read shows. */
export type Seen = { observation: Observation; expectation: Expectation; final?: string }

/** How a step is read again: what is, compared with what must be. `mayBeLast`: one more conformant read is all that is waited for. */
export type Look = (mayBeLast: boolean) => Promise<Seen>

/** Asks a person to make reading possible again; answers whether it is tried again. */
export type Again = (refused: Extract<Observation, { state: 'unknown' }>) => Promise<boolean>

/** Reads after the settle time are so far apart, at least. */
const SLOW_READS_MS = 15_000

/**
 * Reads a step again until it has been conformant as often in a row as it asks for, its time is up, or nothing can change any
 * more: the service said no, or that another edit came first; the resource says that its change failed for good; the operation
 * is over; or reading itself is refused.
 */
export async function readBack(
  { key, settle: { reads: wanted, everyMs, withinMs } }: Pick<BoundStep, 'key' | 'settle'>,
  look: Look,
  before: Observation,
  { failure, refused, open, toTheEnd = false }: Sent,
  {
    world,
    tell,
    stopRequested,
    again,
  }: Pick<RunHost, 'world' | 'tell' | 'stopRequested'> & { again?: Again | undefined },
): Promise<ReadBack> {
  const start = elapsedOf(world)
  let personsMs = 0
  const passed = () => elapsedOf(world) - start - personsMs
  const openFor = open?.forMs ?? 0
  const lastAt = toTheEnd ? Math.max(withinMs, openFor) : withinMs
  let inARow = 0
  let asBefore = 0
  let theirs: Observation | undefined
  /** The cloud has said that the operation is over: how many reads have begun since. */
  let over: { reads: number; failed?: string } | undefined
  for (let reads = 1; ; reads++) {
    const started = passed()
    await tell({ moment: 'step-reading-back', key, reads, leftMs: lastAt - started })
    const { observation, expectation, final } = await look(inARow + 1 >= wanted)
    const seen = { observation, expectation, reads }
    const isAsBefore = sameAcrossKeys(observation, before)
    inARow = statusOf(observation, expectation) === 'conformant' ? inARow + 1 : 0
    asBefore = isAsBefore ? asBefore + 1 : 0
    if (over) over.reads++
    const stillOpen = over ? 0 : Math.max(0, openFor - started - personsMs)
    if (inARow >= wanted) return { ...seen, until: 'settled', openForMs: stillOpen }
    if (isRefusedRead(observation, before)) {
      const asked = elapsedOf(world)
      if (stopRequested() || !(await again?.(observation))) return { ...seen, until: 'refused', openForMs: stillOpen }
      // A person's time is not what the change is given to settle, but what may come of it goes on meanwhile.
      personsMs += elapsedOf(world) - asked
      continue
    }
    const state = open?.operations && !over && inARow === 0 ? await open.operations() : undefined
    if (state?.state === 'over') over = { reads: 0, ...(state.failed === undefined ? {} : { failed: state.failed }) }
    const isUnderWay = state?.state === 'under-way'
    const openForMs = over ? 0 : isUnderWay ? Math.max(stillOpen, everyMs) : stillOpen
    if (isAsBefore && !isUnderWay && !over && stillOpen === 0 && refused === 'for-good')
      return { ...seen, until: 'said-no', openForMs }
    const isConflict = failure?.cause === 'conflict'
    if (refused === 'this-time' && asBefore >= 2)
      return { ...seen, until: isConflict ? 'conflict' : 'said-no', openForMs }
    if (isConflict && isSomebodyElses(observation, before, expectation)) {
      if (theirs && sameAcrossKeys(observation, theirs)) return { ...seen, until: 'conflict', openForMs }
      theirs = observation
    }
    if (final !== undefined && !isAsBefore && inARow === 0 && !isUnderWay)
      return { ...seen, until: 'final', openForMs: 0, says: final }
    // What was read before the operation was known to be over may be older than its end.
    if (over && over.reads >= 2 && inARow === 0)
      return { ...seen, until: 'over', openForMs: 0, ...(over.failed === undefined ? {} : { says: over.failed }) }
    if (stopRequested()) return { ...seen, observation: cutShort(observation), until: 'stopped', openForMs }
    // Nothing that was sent can take effect any more, and nothing of it shows.
    if (open && !isUnderWay && openFor > 0 && openForMs === 0 && isAsBefore && asBefore >= 2)
      return { ...seen, until: 'over', openForMs }
    // By when the read was begun: the clock of a sandbox may jump while it is under way.
    const pauseMs = started < withinMs ? everyMs : Math.max(everyMs, SLOW_READS_MS)
    if (started + pauseMs > lastAt && !(toTheEnd && isUnderWay))
      return {
        ...seen,
        observation: inARow > 0 ? unsettled(inARow, wanted) : observation,
        until: 'time-up',
        openForMs: toTheEnd && !isUnderWay ? 0 : openForMs,
      }
    await world.clock.sleep(pauseMs)
  }
}

/** Why a read can be refused to the person, or to what they run: trying again changes nothing until they do something. */
const REFUSED: ReadonlySet<UnreadableCause> = new Set(['denied', 'no-login', 'disabled-api', 'no-gcloud'])

/** Whether reading itself is refused. What is new may be denied to a reader while it becomes known, so that is no refusal where it was not there before. */
export const isRefusedRead = (
  observation: Observation,
  before: Observation,
): observation is Extract<Observation, { state: 'unknown' }> =>
  observation.state === 'unknown' &&
  REFUSED.has(observation.cause) &&
  !(observation.cause === 'denied' && before.state === 'absent')

/** A value that the command was to set and that is neither what it was nor what it must be is not on its way there. */
export function isSomebodyElses(now: Observation, before: Observation, expectation: Expectation): boolean {
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

/** What the read-back says of the change. It alone decides; gcloud's exit code has no say. What may still take effect is in doubt until then. */
export function verdictOf(before: Observation, { observation, expectation, openForMs }: ReadBack): ReadVerdict {
  switch (statusOf(observation, expectation)) {
    case 'conformant':
      return 'applied'
    case 'unknown':
    case 'unseen':
      return 'in-doubt'
    case 'drift':
      return openForMs > 0 ? 'in-doubt' : sameAcrossKeys(observation, before) ? 'not-applied' : 'ambiguous'
  }
}
