import type { Plan, PlannedStep } from '../../plan/types.ts'
import type { Action, Observation, Status } from '../../steps/types.ts'
import type { World } from '../../steps/world.ts'
import type { Repository } from '../backfill.ts'
import type { Decision, Maker, RunEvent, Verdict } from './events.ts'
import type { Elapsed } from './time-taken.ts'

/**
 * How a step stands when the operator is asked about it: as the plan showed it; no longer so; left by its own command,
 * which was cut off, in a state that is neither the old nor the wanted one; or, where a change is taken back, left so by
 * that change, or set by a change of ours that may have been somebody else's.
 */
export type Seen = 'as-planned' | 'moved' | 'ambiguous' | 'half-done' | 'maybe-not-ours'

/** Says how a step that has drifted stands. */
export type SeenOf = (step: PlannedStep) => Seen

/** A step's place among those that are asked about, the title of the last change of this run, if it can be undone, and all changes of it, the newest first. */
export type Place = { number: number; of: number; last?: string; changed?: PlannedStep[] }

/** What is observed of a step that a person does by hand and that is not right yet; `changed` where it is no longer as before either. */
export type NotYet = { says: string; changed: boolean }

/** What a person says of a step that they do by hand: that it is done, in their words where it asks for them, or that they leave it. */
export type ByHand = { says: 'done'; words?: string } | { says: 'skip' | 'abort'; reason: string }

/** What somebody says of what can't be read: that it is so, that it isn't, in their own words; or nothing, and why. */
export type Statement = { says: 'yes' | 'no'; words: string } | { says: 'nothing'; why: string }

/** Who consents: a person at the terminal, or `--yes` in their place. */
export type Operator = {
  name: string
  /** Whether a person is asked, who can follow one step at a time. */
  asks: boolean
  decide(step: PlannedStep, seen: Seen, place: Place): Promise<Decision>
  /** Whether the operator typed a protected environment's project id; asked once, before the first change. */
  enter(environment: Plan['environment']): Promise<'typed' | 'not-asked' | 'refused'>
  /** Whether the run may go on without a step that could not be told, and why; else it stops before any change. */
  passOver(step: PlannedStep): Promise<{ reason: string } | 'stop'>
  /** Waits while the operator does a step by hand; asked again, with what is observed, while it is not right. */
  byHand(step: PlannedStep, notYet: NotYet | undefined): Promise<ByHand>
  /** Asks whether a step is read again whose reading was refused, once the person has done what makes it possible; left out where nobody is asked. */
  readAgain?(step: PlannedStep, refused: { why: string; fix: string }): Promise<'again' | 'stop'>
  /** Asks what only a person can say: a step's question in its place, or whether it was done by hand; that also of a run that was cut off meanwhile. */
  state(step: PlannedStep, when: Place | 'cut-off'): Promise<Statement>
}

/** What the person may follow while it happens; nothing depends on it. */
export type ProgressEvent =
  | { moment: 'step-resolving'; key: string; title: string }
  | { moment: 'steps-due'; steps: { key: string; title: string }[] }
  | { moment: 'step-started'; key: string; number: number; of: number }
  | { moment: 'step-applying'; key: string; title: string; attempt: number; byHand?: true }
  | { moment: 'step-not-yet'; key: string; title: string; elapsed: Elapsed }
  | { moment: 'step-refused'; key: string; title: string; why: string; elapsed: Elapsed }
  | { moment: 'step-pausing'; key: string; pauseMs: number }
  | { moment: 'step-reading-back'; key: string; reads: number; leftMs: number }
  | { moment: 'step-waiting'; key: string; title: string; reads: number; leftMs: number }
  | { moment: 'step-moved'; key: string; title: string; elapsed: Elapsed }
  | { moment: 'step-ended'; key: string; title: string; status: StepStatus; note: string; elapsed: Elapsed }
  | { moment: 'checks-started'; checks: { key: string; title: string }[] }
  | ({ moment: 'backfill-observed' } & Extract<RunEvent, { type: 'backfill.observed' }>['body'])
  | { moment: 'check-ended'; key: string; title: string; status: Status; note: string; elapsed: Elapsed }

/**
 * What became of a step in a run. `stated` was done by hand, as somebody says and nobody has read; `overdue` did not
 * hold when the time to wait for it was up.
 */
export type StepStatus =
  | 'conformant'
  | 'skipped'
  | 'left'
  | 'unreadable'
  | 'undone'
  | 'stated'
  | 'approved'
  | 'waited'
  | 'overdue'
  | 'not-needed'
  | Verdict

/**
 * A run that was opened in the middle of another: the outer one's name, how its own events are appended, and what they are
 * to say of the consent to its plan, or why there is none; left out where nobody else has a say.
 */
export type InnerRun = {
  run: string
  append: RunHost['append']
  consent?(plan: Plan): Promise<{ events: RunEvent[] } | { declined: string }>
}

/** Everything that the loop needs from outside. `append` returns once the event is on disk, or throws. */
export type RunHost = {
  world: World
  width: number
  operator: Operator
  /** The checkout that the backfill is held against, where one was named. */
  repository?: Repository
  append(event: RunEvent): Promise<void>
  /**
   * Asks Cloud Audit Logs who made right what a step's action was about, since its first try; `refused` where our call lost
   * to another's. Left out where there is nobody to ask.
   */
  whoMade?(about: { step: string; action: Action; refused: boolean }): Promise<Maker>
  /** Opens a run of its own, in the middle of this one, for undoing a step's change. */
  openUndo(step: string): Promise<InnerRun>
  /** Answers once it is shown. */
  tell(moment: ProgressEvent): Promise<void>
  stopRequested(): boolean
  /** Whether no further command that changes something may start, since the person wants to stop or a step beside has ended the run. */
  noMore(): boolean
  /** Looks at the next step while one is read back; left out where a person is asked in between. */
  ahead?: Prefetch
  /** A random number from 0 up to 1, to spread waits. */
  random(): number
}

/** A step's turn ended before its next command, since the person asked to stop (Ctrl-C, or a signal) or a step beside it has ended the run. */
export class Interrupted extends Error {}

/** Looks at the change that comes next while the step before it is read back; such a look changes nothing, and is used only while it is new. */
export type Prefetch = {
  /**
   * The world for a read of a step. Beside the first read that may be the last before the next step's turn the look
   * begins, and what both read is read once. If more reads follow, it is too old, and forgotten.
   */
  worldFor(step: string, world: World, mayBeLast: boolean): World
  /** What was seen of a step, if that is new and as the plan shows it. A look that is forgotten is waited for, so that none goes on beside its own step's change. */
  take(planned: PlannedStep): Promise<Observation | undefined>
  /** Waits for all looks: no command may outlive the run. */
  settled(): Promise<unknown>
}
