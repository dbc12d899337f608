import type { Plan, PlannedStep } from '../../plan/types.ts'
import type { Action, Observation, Status } from '../../steps/types.ts'
import type { World } from '../../steps/world.ts'
import type { Repository } from '../backfill.ts'
import type { Decision, Maker, RunEvent } from './events.ts'
import type { StepStatus } from './step-status.ts'
import type { Elapsed } from './time-taken.ts'

/**
 * How a step stands when the operator is asked about it: as the plan showed it; moved since; left between old and new
 * by its own command, which was cut off; or, if a change is undone, partial, or perhaps not ours.
 */
export type StepCondition = 'as-planned' | 'moved' | 'ambiguous' | 'partial' | 'maybe-not-ours'

/** Returns how a drifted step stands. */
export type ConditionOf = (step: PlannedStep) => StepCondition

/**
 * A step's position among those that are asked about, the title of the last change that can be undone, and all changes
 * of the run, newest first.
 */
export type StepPosition = { number: number; of: number; last?: string; changed?: PlannedStep[] }

/** What is observed of a manual step that is not done yet; `changed` if it is no longer as before either. */
export type NotYet = { says: string; changed: boolean }

/**
 * A person's answer about a step that they do by hand: it is done, in their own words if asked for, or they leave it.
 */
export type ByHand = { says: 'done'; words?: string } | { says: 'skip' | 'abort'; reason: string }

/** A statement about what can't be read: yes or no, in the person's own words; or none, and why. */
export type Statement = { says: 'yes' | 'no'; words: string } | { says: 'nothing'; why: string }

/** The person who consents at the terminal, or `--yes` in their place. */
export type Operator = {
  name: string
  /** Whether a person is asked: they can follow only one step at a time. */
  asks: boolean
  decide(step: PlannedStep, condition: StepCondition, position: StepPosition): Promise<Decision>
  /** Asks for a protected environment's project id, once, before the first change. */
  enter(environment: Plan['environment']): Promise<'typed' | 'not-asked' | 'refused'>
  /** Asks whether to skip a step that could not be read, and why; otherwise the run stops before any change. */
  passOver(step: PlannedStep): Promise<{ reason: string } | 'stop'>
  /** Waits while the operator does a step by hand. Called again, with what is observed, until it is correct. */
  byHand(step: PlannedStep, notYet: NotYet | undefined): Promise<ByHand>
  /**
   * Asks whether to read a step again whose reading was refused, once the person has fixed that; left out if nobody is
   * asked.
   */
  readAgain?(step: PlannedStep, refused: { why: string; fix: string }): Promise<'again' | 'stop'>
  /**
   * Asks for a statement: the answer to a step's question, or whether it was done by hand, also after the run was cut
   * off.
   */
  state(step: PlannedStep, when: StepPosition | 'cut-off'): Promise<Statement>
}

/** What a person can follow while it happens; nothing depends on it. */
export type ProgressEvent =
  | { type: 'step-resolving'; key: string; title: string }
  | { type: 'steps-due'; steps: { key: string; title: string }[] }
  | { type: 'step-started'; key: string; number: number; of: number }
  | { type: 'step-applying'; key: string; title: string; attempt: number; byHand?: true }
  | { type: 'step-not-yet'; key: string; title: string; elapsed: Elapsed }
  | { type: 'step-refused'; key: string; title: string; why: string; elapsed: Elapsed }
  | { type: 'step-pausing'; key: string; pauseMs: number }
  | { type: 'step-reading-back'; key: string; reads: number; leftMs: number }
  | { type: 'step-waiting'; key: string; title: string; reads: number; leftMs: number }
  | { type: 'step-moved'; key: string; title: string; elapsed: Elapsed }
  | { type: 'step-ended'; key: string; title: string; status: StepStatus; note: string; elapsed: Elapsed }
  | { type: 'checks-started'; checks: { key: string; title: string }[] }
  | ({ type: 'backfill-observed' } & Extract<RunEvent, { type: 'backfill.observed' }>['body'])
  | { type: 'check-ended'; key: string; title: string; status: Status; note: string; elapsed: Elapsed }

/**
 * A run within another: its name, how its events are logged, and how its plan is consented to; `consent` is left out if
 * nobody else must approve.
 */
export type InnerRun = {
  run: string
  append: RunHost['append']
  consent?(plan: Plan): Promise<{ events: RunEvent[] } | { declined: string }>
}

/** Everything that a run needs from outside. `append` returns once the event is on disk, or throws. */
export type RunHost = {
  world: World
  width: number
  operator: Operator
  /** The checkout to compare the backfill with, if one was given. */
  repository?: Repository
  append(event: RunEvent): Promise<void>
  /**
   * Asks Cloud Audit Logs who made a step correct since its first attempt; `refused` if our call lost to another. Left
   * out if the logs can't be read.
   */
  whoMade?(about: { step: string; action: Action; refused: boolean }): Promise<Maker>
  /** Opens a run within this one to undo a step's change. */
  openUndo(step: string): Promise<InnerRun>
  /** Shows progress; resolves once it is shown. */
  report(event: ProgressEvent): Promise<void>
  stopRequested(): boolean
  /**
   * Returns whether no further change may start, since the person wants to stop or a parallel step has ended the run.
   */
  noMore(): boolean
  /** Prefetches the next step's observation during a read-back; left out if a person is asked in between. */
  ahead?: Prefetch
  /** Returns a random number from 0 up to 1, to spread waits. */
  random(): number
}

/**
 * Thrown when a step stops before its next command, since the person asked to stop (Ctrl-C or a signal) or a parallel
 * step has ended the run.
 */
export class Interrupted extends Error {}

/**
 * Observes the next change while the step before it is read back. Such an observation changes nothing, and is used only
 * while it is fresh.
 */
export type Prefetch = {
  /**
   * Returns the world for a read of a step. Next to a read that may be the step's last, the prefetch begins, and what
   * both need is read once. If more reads follow, the prefetch is stale and discarded.
   */
  worldFor(step: string, world: World, mayBeLast: boolean): World
  /**
   * Returns a step's prefetched observation, if it is fresh and as the plan shows it. Waits for a discarded prefetch,
   * so that none runs during the step's own change.
   */
  take(planned: PlannedStep): Promise<Observation | undefined>
  /** Waits for all prefetches: no command may outlive the run. */
  settled(): Promise<unknown>
}
