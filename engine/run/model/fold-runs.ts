import type { Observation } from '../../steps/types.ts'
import { isMadeRight } from './maker.ts'
import { baselineOf, isInDoubt } from './partial-change.ts'
import type { Recorded } from './recorded.ts'
import type { RunState } from './run-state.ts'
import { foldStep, type StepState, startOf } from './step-state.ts'

/** Folds a log's events into runs, oldest first: the only state there is. */
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
        operators: [],
        approvals: [],
        overrides: [],
        steps: new Map(),
        checks: [],
        backfill: [],
        resumed: [],
      })
      continue
    }
    const run = runs.get(event.run)
    if (run) foldEvent(run, event, runs)
  }
  return [...runs.values()]
}

/** Returns the steps whose command is in doubt, unless a later run has read them. */
export function stepsInDoubt(runs: RunState[]): { run: string; step: StepState }[] {
  return runs.flatMap(({ run, steps }, index) => {
    const readLater = (key: string) => runs.slice(index + 1).some((later) => isKnown(later.steps.get(key)))
    return [...steps.values()]
      .filter((step) => isInDoubt(step) && !readLater(step.planned.key))
      .map((step) => ({ run, step }))
  })
}

/** Returns whether a step was read, or stated if it has nothing to read. */
const isKnown = (step: StepState | undefined): boolean =>
  step?.planned.status === 'unseen' ? step.stated !== undefined : (step?.planned.status ?? 'unknown') !== 'unknown'

type Runs = ReadonlyMap<string, RunState>

/** Marks the step that a run undid, and those that its change continued. One that was already as before counts too. */
function markUndone({ planned, status }: StepState, run: string, time: string, runs: Runs): void {
  const back = status === 'applied' || status === 'conformant' || isMadeRight(status)
  for (let at = planned.undoes; at !== undefined; ) {
    const { step: key } = at
    const undone: StepState | undefined = runs.get(at.run)?.steps.get(key)
    if (undone && back) undone.undone = { run, time }
    else delete undone?.undone
    at = undone?.baseline && { run: undone.baseline.run, step: key }
  }
}

/** Links a step's first command to the partial change that it continues. */
function linkPartial(step: StepState, { run, plan }: RunState, before: Observation, runs: Runs): void {
  if (step.attempts > 0 || plan === undefined || step.planned.undoes) return
  const { key } = step.planned
  const baseline = baselineOf(runs.values(), plan.environment.project, key, before)
  if (baseline === undefined) return
  step.baseline = baseline
  const left = runs.get(baseline.run)?.steps.get(key)
  if (left) left.continuedIn = run
}

function foldEvent(run: RunState, event: Exclude<Recorded, { type: 'run.opened' }>, runs: Runs): void {
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
      for (const planned of event.body.plan.steps) {
        const step = startOf(planned, event.seq)
        run.steps.set(planned.key, step)
        markUndone(step, run.run, run.openedAt, runs)
      }
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
      if (step === undefined) return
      if (event.type === 'step.intent') linkPartial(step, run, event.body.before, runs)
      foldStep(step, event)
      markUndone(step, run.run, event.time, runs)
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
    // About the whole incident, not one run.
    case 'cloud.reconciled':
    case 'environment.entered':
    case 'log.repaired':
      return
    case 'run.closed':
      run.closed = { ...event.body, time: event.time, entry: event.seq }
      return
    default:
      event satisfies never
  }
}

type ConsentEvent = Extract<
  Recorded,
  { type: 'operator.identified' | 'plan.approved' | 'policy.overridden' | 'override.countersigned' }
>

function foldConsent(run: RunState, event: ConsentEvent): void {
  const at = { time: event.time, entry: event.seq }
  switch (event.type) {
    case 'operator.identified':
      run.operators.push({ ...event.body, ...at })
      return
    case 'plan.approved':
      run.approvals.push({ ...event.body, ...at })
      return
    case 'policy.overridden':
      run.overrides.push({ ...event.body, ...at })
      return
    case 'override.countersigned': {
      const { seq } = event.body.statement.override
      const override = run.overrides.find(({ entry }) => entry === seq)
      if (override) override.countersigned = { ...event.body, ...at }
      return
    }
    default:
      event satisfies never
  }
}
