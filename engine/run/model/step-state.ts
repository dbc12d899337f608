import { longestMs } from '../../gcloud-grammar/operation-times.ts'
import type { PlannedStep } from '../../plan/types.ts'
import { statusOf } from '../../steps/compare.ts'
import { describeObserved } from '../../steps/describe.ts'
import type { Action, Duplicates, Observation, Undo } from '../../steps/types.ts'
import type { Evidence } from '../../steps/world.ts'
import type { Decision, Maker, Verdict } from './events.ts'
import type { Recorded } from './recorded.ts'
import type { StepStatus } from './step-status.ts'

/** What the log says of one planned step. `status` is absent while nothing has become of it, `intent-open` is a change whose outcome isn't known, `not-done` and `refused` are what somebody stated. */
export type StepState = {
  planned: PlannedStep
  status?: StepStatus | 'intent-open' | 'not-done' | 'refused'
  decisions: { decision: Decision; by: string; time: string }[]
  before?: Observation
  /** Every change that was about to start, with what was there before it and its undo, as its intent said. */
  intended: { action: Action; before: Observation; undo?: Undo }[]
  /** How the last change is taken back, as its intent said. */
  undo?: Undo
  /** A command of ours may have left it half changed, so what was there before the first of them is what to go back to. */
  unsettled?: boolean
  /** Where the change began that this run went on with, since an earlier one had left it half done. */
  baseline?: Baseline
  /** The later run that went on with this change from where it was left. */
  continuedIn?: string
  /** Who made the last change by hand, as its intent says; left out where the engine did. */
  person?: string
  /** Of a change in doubt: for how long after that time it may still take effect. */
  open?: { at: string; forMs: number }
  /** When the last command was about to start. */
  intendedAt?: string
  /** The number of the entry that first said so: the order of changes, whatever a clock does. What was made right once more keeps its place, since what needs it came after. */
  intent?: number
  readBack?: Observation
  evidence?: Evidence
  /** Who made it right, where its command had failed and Cloud Audit Logs were asked. */
  maker?: Maker
  duplicates?: Duplicates
  /** What somebody said of it, where nothing can be read. */
  stated?: { words: string; by: string; time: string }
  endedAt?: string
  attempts: number
  /** The entries that speak of it, by number: the plan's first. */
  entries: number[]
  /** The run that took the change back, and when. */
  undone?: { run: string; time: string }
}

/** Says what was seen last of a step that isn't right; nothing where nobody could see it. */
export function foundIn({ planned, before, readBack }: StepState): string[] {
  const seen = readBack ?? before ?? planned.observation
  return statusOf(seen, planned.expectation) === 'drift' ? [describeObserved(seen, planned.expectation)] : []
}

/** A planned step of which nothing has happened yet. */
export function startOf(planned: PlannedStep, plan: number): StepState {
  const start: StepState = { planned, decisions: [], intended: [], attempts: 0, entries: [plan] }
  if (planned.status === 'conformant') return { ...start, status: 'conformant' }
  return planned.status === 'unknown' ? { ...start, status: 'unreadable' } : start
}

type StepEvent = Extract<Recorded, { type: `step.${string}` }>

/** Takes what an event says of a step into its state. */
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
      // A look between two tries is no new beginning: what was there before is what the intent said.
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
      // "Not applied" is said of what was there right before: that may have been the half of an earlier change.
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

/** An entry of an earlier version doesn't say for how long: what the table says counts then, from the entry on. */
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

/** What was there before a change that an earlier run has left half done, and how that run would have taken it back. */
export type Baseline = { run: string; before: Observation; undo?: Undo }
