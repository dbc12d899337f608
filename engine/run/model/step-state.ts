import { longestMs } from '../../gcloud-grammar/operation-times.ts'
import type { PlannedStep } from '../../plan/types.ts'
import { statusOf } from '../../steps/compare.ts'
import { describeObserved } from '../../steps/describe.ts'
import type { Action, Duplicates, Observation, Undo } from '../../steps/types.ts'
import type { Evidence } from '../../steps/world.ts'
import type { Decision, Maker, Verdict } from './events.ts'
import type { Recorded } from './recorded.ts'
import type { StepStatus } from './step-status.ts'

/**
 * What the log says about one planned step. `status` is absent if nothing happened yet; `intent-open`: a command
 * started and its outcome is unknown; `not-done`, `refused`: somebody stated so.
 */
export type StepState = {
  planned: PlannedStep
  status?: StepStatus | 'intent-open' | 'not-done' | 'refused'
  decisions: { decision: Decision; by: string; time: string }[]
  before?: Observation
  /** Every intent: the change, what was observed before it, and its undo. */
  intended: { action: Action; before: Observation; undo?: Undo }[]
  /** How to undo the last change, by its intent. */
  undo?: Undo
  /** A command of ours may have left the change partial, so the undo goes back to before the first one. */
  unsettled?: boolean
  /** Where the change began, if this run continues one that an earlier run left partial. */
  baseline?: Baseline
  /** The later run that continued this change. */
  continuedIn?: string
  /** Who made the last change by hand; left out if the engine did. */
  person?: string
  /** How long a change in doubt may still take effect, from when. */
  open?: { at: string; forMs: number }
  /** When the last intent was logged. */
  intendedAt?: string
  /**
   * The entry of the first intent: it orders changes, whatever a clock does. A repeated change keeps its place, since
   * what depends on it came later.
   */
  intent?: number
  readBack?: Observation
  evidence?: Evidence
  /** Who made the change, if its command failed and Cloud Audit Logs were read. */
  maker?: Maker
  duplicates?: Duplicates
  /** The statement about a step that has nothing to read. */
  stated?: { words: string; by: string; time: string }
  endedAt?: string
  attempts: number
  /** The numbers of its log entries, the plan's first. */
  entries: number[]
  /** The run that undid the change, and when. */
  undone?: { run: string; time: string }
}

/** Describes the last observation of a step that is not correct; nothing if it could not be read. */
export function foundIn({ planned, before, readBack }: StepState): string[] {
  const seen = readBack ?? before ?? planned.observation
  return statusOf(seen, planned.expectation) === 'drift' ? [describeObserved(seen, planned.expectation)] : []
}

/** Returns the state of a planned step before anything happened. */
export function startOf(planned: PlannedStep, plan: number): StepState {
  const start: StepState = { planned, decisions: [], intended: [], attempts: 0, entries: [plan] }
  if (planned.status === 'conformant') return { ...start, status: 'conformant' }
  return planned.status === 'unknown' ? { ...start, status: 'unreadable' } : start
}

type StepEvent = Extract<Recorded, { type: `step.${string}` }>

/** Applies an event to a step's state. */
export function foldStep(step: StepState, event: StepEvent): void {
  step.endedAt = event.time
  step.entries.push(event.seq)
  switch (event.type) {
    case 'step.decided':
      step.decisions.push({ decision: event.body.decision, by: event.body.by, time: event.time })
      if (event.body.decision.choice === 'skip') step.status = 'skipped'
      else if (event.body.decision.choice === 'apply' || event.body.decision.choice === 'by-hand') delete step.status
      return
    case 'step.observed':
      // Between two attempts, the intent says what was there before.
      if (step.attempts > 0 && step.status !== undefined) return
      if (!step.unsettled) step.before = event.body.observation
      if (event.body.status === 'conformant') step.status = 'conformant'
      else if (event.body.status === 'unknown') step.status = 'unreadable'
      else if (!step.planned.apply) step.status = 'left'
      return
    case 'step.intent':
      step.status = 'intent-open'
      step.attempts = event.body.attempt
      step.intendedAt = event.time
      step.intent ??= event.seq
      step.intended.push(event.body)
      delete step.evidence
      delete step.maker
      if (event.body.person === undefined) delete step.person
      else step.person = event.body.person
      if (step.unsettled) return
      step.before = event.body.before
      if (event.body.undo) step.undo = event.body.undo
      else delete step.undo
      return
    case 'step.outcome':
      step.status = event.body.verdict
      step.readBack = event.body.readBack
      step.evidence = event.body.evidence
      foldOpen(step, event)
      foldMaker(step, event.body.maker)
      // "Not applied" compares with the state right before, which may be part of an earlier change.
      if (event.body.verdict !== 'not-applied') step.unsettled = isUnsettled(event.body.verdict)
      return
    case 'step.duplicated':
      step.duplicates = event.body.duplicates
      return
    case 'step.resolved':
      step.status = event.body.verdict
      step.unsettled = isUnsettled(event.body.verdict)
      foldMaker(step, event.body.maker)
      step.readBack = event.body.readBack
      foldOpen(step, event)
      return
    case 'step.stated': {
      const { says, words, by } = event.body
      const [yes, no] =
        step.planned.apply?.kind === 'ask' ? (['approved', 'refused'] as const) : (['stated', 'not-done'] as const)
      step.status = says === 'yes' ? yes : no
      step.stated = { words, by, time: event.time }
      return
    }
    case 'step.waited':
      step.status = event.body.status === 'conformant' || event.body.status === 'unseen' ? 'waited' : 'overdue'
      step.readBack = event.body.observation
      return
    case 'step.not-needed':
      step.status = 'not-needed'
      return
    default:
      event satisfies never
  }
}

/**
 * Notes how long a change in doubt may take effect. Entries of earlier versions don't say: the table of operation times
 * counts then.
 */
function foldOpen(
  step: StepState,
  { time, body }: Extract<StepEvent, { type: 'step.outcome' | 'step.resolved' }>,
): void {
  const forMs = body.openForMs ?? (body.verdict === 'in-doubt' ? longestOf(step) : undefined)
  if (forMs === undefined) delete step.open
  else step.open = { at: time, forMs }
}

function longestOf({ intended }: StepState): number | undefined {
  const action = intended.at(-1)?.action
  return action?.kind === 'gcloud' ? longestMs(action.command.argv) : undefined
}

const isUnsettled = (verdict: Verdict): boolean => verdict === 'ambiguous' || verdict === 'in-doubt'

function foldMaker(step: StepState, maker: Maker | undefined): void {
  if (maker) step.maker = maker
  else delete step.maker
}

/** What was observed before a partial change of an earlier run, and how to undo it. */
export type Baseline = { run: string; before: Observation; undo?: Undo }
