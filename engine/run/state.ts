import type { Plan, PlannedStep } from '../plan/types.ts'
import type { Duplicates, Observation, Undo } from '../steps/types.ts'
import type { Evidence } from '../steps/world.ts'
import type { Decision, RunEvent } from './events.ts'
import type { StepFate } from './host.ts'

type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** An event as the log keeps it: when, and in which run. */
export type Recorded = { seq: number; time: string; run: string } & RunEvent

/** What the log says of one planned step. `fate` is absent while nothing has become of it, `intent-open` is a change whose outcome isn't known, `not-done` and `refused` are what somebody stated. */
export type StepState = {
  planned: PlannedStep
  fate?: StepFate | 'intent-open' | 'not-done' | 'refused'
  decisions: { decision: Decision; by: string; time: string }[]
  before?: Observation
  /** How the last change is taken back, as its intent said. */
  undo?: Undo
  /** A command of ours may have left it half changed, so what was there before the first of them is what to go back to. */
  unsettled?: boolean
  /** When the last command was about to start. */
  intendedAt?: string
  readBack?: Observation
  evidence?: Evidence
  duplicates?: Duplicates
  /** What somebody said of it, where nothing can be read. */
  stated?: { words: string; by: string; time: string }
  /** Why nothing called for it. */
  reason?: string
  endedAt?: string
  attempts: number
  /** The entries that speak of it, by number: the plan's first. */
  entries: number[]
  /** The run that took the change back, and when. */
  undone?: { run: string; time: string }
}

/** What the log says of one check at the end. */
export type CheckState = {
  key: string
  title: string
  runbook: string
  group?: string
  time: string
  entry: number
} & Omit<BodyOf<'check.observed'>, 'check'>

/** What the log says of one run. `closed` is absent for a run that is still going on, or was cut off. */
export type RunState = {
  run: string
  openedAt: string
  opened: BodyOf<'run.opened'>
  /** The number of the entry that opened it. */
  entry: number
  /** Locks of runs that were cut off, taken over by this one. */
  takenOver: (BodyOf<'lock.taken-over'> & { entry: number })[]
  plan?: Plan
  planDigest?: string
  /** The operator, where they have signed. */
  operator?: BodyOf<'operator.identified'> & { entry: number }
  approvals: (BodyOf<'plan.approved'> & { entry: number })[]
  /** That the operator went on alone, and who has countersigned that since. */
  override?: BodyOf<'policy.overridden'> & { time: string; entry: number }
  countersigned?: BodyOf<'override.countersigned'> & { time: string; entry: number }
  steps: Map<string, StepState>
  checks: CheckState[]
  backfill: (BodyOf<'backfill.observed'> & { entry: number })[]
  closed?: BodyOf<'run.closed'> & { time: string; entry: number }
  /** Each time that somebody went on with it, and how it had ended before; left out where it was cut off. */
  resumed: (BodyOf<'run.resumed'> & { time: string; entry: number; after?: BodyOf<'run.closed'> })[]
}

/** Folds a log's events into the runs that they tell of, oldest first: the only state there is. */
export function foldRuns(events: Iterable<Recorded>): RunState[] {
  const runs = new Map<string, RunState>()
  for (const event of events) {
    if (event.type === 'run.opened') {
      runs.set(event.run, {
        run: event.run,
        openedAt: event.time,
        opened: event.body,
        entry: event.seq,
        takenOver: [],
        approvals: [],
        steps: new Map(),
        checks: [],
        backfill: [],
        resumed: [],
      })
      continue
    }
    const run = runs.get(event.run)
    if (run) foldEvent(run, event)
  }
  for (const run of runs.values()) markUndone(run, runs)
  return [...runs.values()]
}

/** The steps whose command was started in a run that was cut off before its outcome, unless a later run has read them since. */
export function openIntents(runs: RunState[]): { run: string; step: StepState }[] {
  return runs.flatMap(({ run, steps }, index) => {
    const readLater = (key: string) => runs.slice(index + 1).some((later) => isKnown(later.steps.get(key)))
    return [...steps.values()]
      .filter(({ fate, planned }) => fate === 'intent-open' && !readLater(planned.key))
      .map((step) => ({ run, step }))
  })
}

/** Whether somebody has read it, or, where nothing can be read, has said how it is. */
const isKnown = (step: StepState | undefined): boolean =>
  step?.planned.status === 'unseen' ? step.stated !== undefined : (step?.planned.status ?? 'unknown') !== 'unknown'

/** What a run took back is told by the steps that it was about; what had gone back by itself counts too. */
function markUndone({ run, steps, openedAt }: RunState, runs: ReadonlyMap<string, RunState>): void {
  for (const { planned, fate, endedAt } of steps.values()) {
    if (planned.undoes === undefined || (fate !== 'applied' && fate !== 'conformant')) continue
    const undone = runs.get(planned.undoes.run)?.steps.get(planned.undoes.step)
    if (undone) undone.undone = { run, time: endedAt ?? openedAt }
  }
}

function foldEvent(run: RunState, event: Exclude<Recorded, { type: 'run.opened' }>): void {
  switch (event.type) {
    case 'lock.taken-over':
      run.takenOver.push({ ...event.body, entry: event.seq })
      return
    case 'run.resumed': {
      run.resumed.push({
        ...event.body,
        time: event.time,
        entry: event.seq,
        ...(run.closed ? { after: run.closed } : {}),
      })
      delete run.closed
      return
    }
    case 'plan.made':
      run.plan = event.body.plan
      run.planDigest = event.body.digest
      for (const planned of event.body.plan.steps) run.steps.set(planned.key, startOf(planned, event.seq))
      return
    case 'operator.identified':
    case 'plan.approved':
    case 'policy.overridden':
    case 'override.countersigned':
      foldConsent(run, event)
      return
    case 'step.decided':
    case 'step.observed':
    case 'step.intent':
    case 'step.outcome':
    case 'step.duplicated':
    case 'step.resolved':
    case 'step.stated':
    case 'step.waited':
    case 'step.not-needed': {
      const step = run.steps.get(event.body.step)
      if (step) foldStep(step, event)
      return
    }
    case 'check.observed': {
      const { check, ...body } = event.body
      const planned = run.plan?.checks.find(({ key }) => key === check)
      run.checks.push({
        key: check,
        title: planned?.title ?? check,
        runbook: planned?.runbook ?? '',
        ...(planned?.group === undefined ? {} : { group: planned.group }),
        time: event.time,
        entry: event.seq,
        ...body,
      })
      return
    }
    case 'backfill.observed':
      run.backfill.push({ ...event.body, entry: event.seq })
      return
    case 'environment.entered':
    case 'log.repaired':
      return
    case 'run.closed':
      run.closed = { ...event.body, time: event.time, entry: event.seq }
  }
}

type ConsentEvent = Extract<
  Recorded,
  { type: 'operator.identified' | 'plan.approved' | 'policy.overridden' | 'override.countersigned' }
>

function foldConsent(run: RunState, event: ConsentEvent): void {
  switch (event.type) {
    case 'operator.identified':
      run.operator = { ...event.body, entry: event.seq }
      return
    case 'plan.approved':
      run.approvals.push({ ...event.body, entry: event.seq })
      return
    case 'policy.overridden':
      run.override = { ...event.body, time: event.time, entry: event.seq }
      return
    case 'override.countersigned':
      run.countersigned = { ...event.body, time: event.time, entry: event.seq }
  }
}

function startOf(planned: PlannedStep, plan: number): StepState {
  const start: StepState = { planned, decisions: [], attempts: 0, entries: [plan] }
  if (planned.status === 'conformant') return { ...start, fate: 'conformant' }
  return planned.status === 'unknown' ? { ...start, fate: 'unreadable' } : start
}

type StepEvent = Extract<Recorded, { type: `step.${string}` }>

function foldStep(step: StepState, event: StepEvent): void {
  step.endedAt = event.time
  step.entries.push(event.seq)
  switch (event.type) {
    case 'step.decided':
      step.decisions.push({ decision: event.body.decision, by: event.body.by, time: event.time })
      if (event.body.decision.choice === 'skip') step.fate = 'skipped'
      else if (event.body.decision.choice === 'apply' || event.body.decision.choice === 'by-hand') delete step.fate
      return
    case 'step.observed':
      // A look between two tries is no new beginning: what was there before is what the intent said.
      if (step.attempts > 0 && step.fate !== undefined) return
      if (!step.unsettled) step.before = event.body.observation
      if (event.body.status === 'conformant') step.fate = 'conformant'
      else if (event.body.status === 'unknown') step.fate = 'unreadable'
      else if (!step.planned.apply) step.fate = 'left'
      return
    case 'step.intent':
      step.fate = 'intent-open'
      step.attempts = event.body.attempt
      step.intendedAt = event.time
      delete step.evidence
      if (step.unsettled) return
      step.before = event.body.before
      if (event.body.undo) step.undo = event.body.undo
      else delete step.undo
      return
    case 'step.outcome':
      step.fate = event.body.verdict
      step.readBack = event.body.readBack
      step.evidence = event.body.evidence
      // "Not applied" is said of what was there right before: that may have been the half of an earlier change.
      if (event.body.verdict !== 'not-applied') step.unsettled = event.body.verdict !== 'applied'
      return
    case 'step.duplicated':
      step.duplicates = event.body.duplicates
      return
    case 'step.resolved':
      step.fate = event.body.verdict
      step.unsettled = event.body.verdict === 'ambiguous' || event.body.verdict === 'in-doubt'
      step.readBack = event.body.readBack
      return
    case 'step.stated': {
      const { says, words, by } = event.body
      const [yes, no] =
        step.planned.apply?.kind === 'ask' ? (['approved', 'refused'] as const) : (['stated', 'not-done'] as const)
      step.fate = says === 'yes' ? yes : no
      step.stated = { words, by, time: event.time }
      return
    }
    case 'step.waited':
      step.fate = event.body.status === 'conformant' || event.body.status === 'unseen' ? 'waited' : 'overdue'
      step.readBack = event.body.observation
      return
    case 'step.not-needed':
      step.fate = 'not-needed'
      step.reason = event.body.reason
  }
}
