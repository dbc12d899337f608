import type { Plan, PlannedStep } from '../plan/types.ts'
import type { Duplicates, Observation } from '../steps/types.ts'
import type { Evidence } from '../steps/world.ts'
import type { Decision, RunEvent } from './events.ts'
import type { StepFate } from './host.ts'

type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** An event as the log keeps it: when, and in which run. */
export type Recorded = { seq: number; time: string; run: string } & RunEvent

/** What the log says of one planned step. `fate` is absent while nothing has become of it, `intent-open` is a command whose outcome isn't known. */
export type StepState = {
  planned: PlannedStep
  fate?: StepFate | 'intent-open'
  decisions: { decision: Decision; by: string; time: string }[]
  before?: Observation
  readBack?: Observation
  evidence?: Evidence
  duplicates?: Duplicates
  endedAt?: string
  attempts: number
  /** The entries that speak of it, by number: the plan's first. */
  entries: number[]
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
  steps: Map<string, StepState>
  checks: CheckState[]
  backfill: (BodyOf<'backfill.observed'> & { entry: number })[]
  closed?: BodyOf<'run.closed'> & { time: string; entry: number }
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
        steps: new Map(),
        checks: [],
        backfill: [],
      })
      continue
    }
    const run = runs.get(event.run)
    if (run) foldEvent(run, event)
  }
  return [...runs.values()]
}

/** The steps whose command was started in a run that was cut off before its outcome, unless a later run has read them since. */
export function openIntents(runs: RunState[]): { run: string; step: StepState }[] {
  return runs.flatMap(({ run, steps }, index) => {
    const readLater = (key: string) =>
      runs.slice(index + 1).some((later) => (later.steps.get(key)?.planned.status ?? 'unknown') !== 'unknown')
    return [...steps.values()]
      .filter(({ fate, planned }) => fate === 'intent-open' && !readLater(planned.key))
      .map((step) => ({ run, step }))
  })
}

function foldEvent(run: RunState, event: Exclude<Recorded, { type: 'run.opened' }>): void {
  switch (event.type) {
    case 'lock.taken-over':
      run.takenOver.push({ ...event.body, entry: event.seq })
      return
    case 'plan.made':
      run.plan = event.body.plan
      run.planDigest = event.body.digest
      for (const planned of event.body.plan.steps) run.steps.set(planned.key, startOf(planned, event.seq))
      return
    case 'step.decided':
    case 'step.observed':
    case 'step.intent':
    case 'step.outcome':
    case 'step.duplicated': {
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

function startOf(planned: PlannedStep, plan: number): StepState {
  const start: StepState = { planned, decisions: [], attempts: 0, entries: [plan] }
  if (planned.status === 'conformant') return { ...start, fate: 'conformant' }
  return planned.status === 'unknown' ? { ...start, fate: 'unreadable' } : start
}

type StepEvent = Extract<
  Recorded,
  { type: 'step.decided' | 'step.observed' | 'step.intent' | 'step.outcome' | 'step.duplicated' }
>

function foldStep(step: StepState, event: StepEvent): void {
  step.endedAt = event.time
  step.entries.push(event.seq)
  switch (event.type) {
    case 'step.decided':
      step.decisions.push({ decision: event.body.decision, by: event.body.by, time: event.time })
      if (event.body.decision.choice === 'skip') step.fate = 'skipped'
      return
    case 'step.observed':
      step.before = event.body.observation
      if (event.body.status === 'conformant') step.fate = 'conformant'
      else if (event.body.status === 'unknown') step.fate = 'unreadable'
      else if (!step.planned.apply) step.fate = 'left'
      return
    case 'step.intent':
      step.fate = 'intent-open'
      step.before = event.body.before
      step.attempts = event.body.attempt
      return
    case 'step.outcome':
      step.fate = event.body.verdict
      step.readBack = event.body.readBack
      step.evidence = event.body.evidence
      return
    case 'step.duplicated':
      step.duplicates = event.body.duplicates
  }
}
