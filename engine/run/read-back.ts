import { sameJson } from '../base/json.ts'
import { own } from '../base/own.ts'
import { differencesOf, sameAcrossKeys, statusOf } from '../steps/compare.ts'
import type { BoundStep, Expectation, Observation, UnreadableCause } from '../steps/types.ts'
import type { Failure } from '../steps/world.ts'
import type { ReadUntil, ReadVerdict } from './model/events.ts'
import type { RunHost } from './model/host.ts'
import { elapsedOf } from './model/time-taken.ts'
import type { PendingEffect, Refusal } from './open-ended.ts'

/**
 * Describes what was read after a command, with how many reads, why they ended, and how long the change may still take
 * effect.
 */
export type ReadBack = {
  observation: Observation
  expectation: Expectation
  reads: number
  until: ReadUntil
  openForMs: number
  /** What the cloud reports about the change: why its operation failed, or which failed state it left. */
  says?: string
}

/**
 * Describes a command before its first read: how it failed, whether that was a refusal, and what may still happen.
 * `toTheEnd`: wait for all of that.
 */
export type SentCommand = {
  failure?: Failure | undefined
  refused?: Refusal | undefined
  pending?: PendingEffect | undefined
  toTheEnd?: boolean
}

/** One read of a step. */
export type ReadResult = { observation: Observation; expectation: Expectation; final?: string }

/** Reads a step again and compares it with its expectation. `mayBeLast`: one more conformant read is enough. */
export type ReadStep = (mayBeLast: boolean) => Promise<ReadResult>

/** Asks a person to make reading possible again; returns whether to try again. */
export type AskAgain = (refused: Extract<Observation, { state: 'unknown' }>) => Promise<boolean>

/** The shortest time between reads after the settle time. */
const SLOW_READS_MS = 15_000

/**
 * Reads a step again until it was conformant as often in a row as required, the time is up, or nothing can change any
 * more: the service refused the command, another edit came first, the resource reports that the change failed, the
 * operation is over, or reading itself is refused.
 */
export async function readBack(
  { key, settle: { reads: wanted, everyMs, withinMs } }: Pick<BoundStep, 'key' | 'settle'>,
  readStep: ReadStep,
  before: Observation,
  { failure, refused, pending, toTheEnd = false }: SentCommand,
  {
    world,
    report,
    stopRequested,
    again,
  }: Pick<RunHost, 'world' | 'report' | 'stopRequested'> & { again?: AskAgain | undefined },
): Promise<ReadBack> {
  const start = elapsedOf(world)
  let personsMs = 0
  const passed = () => elapsedOf(world) - start - personsMs
  const pendingMs = pending?.forMs ?? 0
  const lastAt = toTheEnd ? Math.max(withinMs, pendingMs) : withinMs
  let inARow = 0
  let asBefore = 0
  let theirs: Observation | undefined
  /** Set once the cloud reports that the operation is over: how many reads have begun since. */
  let over: { reads: number; failed?: string } | undefined
  for (let reads = 1; ; reads++) {
    const started = passed()
    await report({ type: 'step-reading-back', key, reads, leftMs: lastAt - started })
    const { observation, expectation, final } = await readStep(inARow + 1 >= wanted)
    const seen = { observation, expectation, reads }
    const isAsBefore = sameAcrossKeys(observation, before)
    inARow = statusOf(observation, expectation) === 'conformant' ? inARow + 1 : 0
    asBefore = isAsBefore ? asBefore + 1 : 0
    if (over) over.reads++
    const stillPendingMs = over ? 0 : Math.max(0, pendingMs - started - personsMs)
    if (inARow >= wanted) return { ...seen, until: 'settled', openForMs: stillPendingMs }
    if (isRefusedRead(observation, before)) {
      const asked = elapsedOf(world)
      if (stopRequested() || !(await again?.(observation)))
        return { ...seen, until: 'refused', openForMs: stillPendingMs }
      // A person's time doesn't count as settle time, but the change may take effect meanwhile.
      personsMs += elapsedOf(world) - asked
      continue
    }
    const state = pending?.operations && !over && inARow === 0 ? await pending.operations() : undefined
    if (state?.state === 'over') over = { reads: 0, ...(state.failed === undefined ? {} : { failed: state.failed }) }
    const isUnderWay = state?.state === 'under-way'
    const openForMs = over ? 0 : isUnderWay ? Math.max(stillPendingMs, everyMs) : stillPendingMs
    const isConflict = failure?.cause === 'conflict'
    const isTheirs = isConflict && isSomebodyElses(observation, before, expectation)
    const isStillTheirs = isTheirs && theirs !== undefined && sameAcrossKeys(observation, theirs)
    if (isTheirs) theirs = observation
    // Counted from the start of the read: a sandbox's clock may jump while it runs.
    const pauseMs = started < withinMs ? everyMs : Math.max(everyMs, SLOW_READS_MS)
    const endings: [applies: boolean, end: EndOfReads][] = [
      [refused === 'for-good' && isAsBefore && !isUnderWay && !over && stillPendingMs === 0, { until: 'said-no' }],
      [refused === 'this-time' && asBefore >= 2, { until: isConflict ? 'conflict' : 'said-no' }],
      [isStillTheirs, { until: 'conflict' }],
      [
        final !== undefined && !isAsBefore && inARow === 0 && !isUnderWay,
        { until: 'final', openForMs: 0, ...saying(final) },
      ],
      // Reads from before the operation was known to be over may be older than its end.
      [over !== undefined && over.reads >= 2 && inARow === 0, { until: 'over', openForMs: 0, ...saying(over?.failed) }],
      [stopRequested(), { until: 'stopped', observation: cutShort(observation) }],
      // The command can't take effect any more, and nothing of it shows.
      [pendingMs > 0 && !isUnderWay && openForMs === 0 && asBefore >= 2, { until: 'over' }],
      [
        started + pauseMs > lastAt && !(toTheEnd && isUnderWay),
        {
          until: 'time-up',
          observation: inARow > 0 ? unsettled(inARow, wanted) : observation,
          ...(toTheEnd && !isUnderWay ? { openForMs: 0 } : {}),
        },
      ],
    ]
    const end = endings.find(([applies]) => applies)?.[1]
    if (end) return { ...seen, openForMs, ...end }
    await world.clock.sleep(pauseMs)
  }
}

/** Why a read-back ends, and what of its last read that changes. */
type EndOfReads = Pick<ReadBack, 'until' | 'says'> & Partial<Pick<ReadBack, 'observation' | 'openForMs'>>

const saying = (says: string | undefined): Pick<ReadBack, 'says'> => (says === undefined ? {} : { says })

/** The causes that only a person can remove, so reading again is useless. */
const REFUSED: ReadonlySet<UnreadableCause> = new Set(['denied', 'no-login', 'disabled-api', 'no-gcloud'])

/**
 * Returns whether reading itself is refused. A resource that was absent may be denied to readers while it is being
 * created: that is not a refusal.
 */
export const isRefusedRead = (
  observation: Observation,
  before: Observation,
): observation is Extract<Observation, { state: 'unknown' }> =>
  observation.state === 'unknown' &&
  REFUSED.has(observation.cause) &&
  !(observation.cause === 'denied' && before.state === 'absent')

/** Returns whether a value that the command should set is neither old nor new: then it is not on its way there. */
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
  reason: `it was correct in only ${inARow} of ${wanted} consecutive reads when the time was up`,
})

/** Makes an observation unknown: a change may still take effect after the last read that there was time for. */
const cutShort = (observation: Observation): Observation =>
  observation.state === 'unknown'
    ? observation
    : { state: 'unknown', cause: 'timeout', reason: 'the run was stopped before the change had settled' }

/**
 * Returns the verdict of a read-back. It alone decides; gcloud's exit code doesn't count. A change that may still take
 * effect is in doubt.
 */
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
