import type { Plan, PlannedStep } from '../plan/types.ts'
import { sameAcrossKeys } from '../steps/compare.ts'
import { changesAnything, observe } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import { state as stateOf, UNSAID } from './by-hand.ts'
import { doubtOf, reportDuplicates } from './change.ts'
import { INTERRUPTED } from './ending.ts'
import { close, pendingStep, runToEnd } from './loop.ts'
import { type ConditionOf, Interrupted, type RunHost, type StepCondition } from './model/host.ts'
import { describeMaker, isMadeRight, judgeMaker } from './model/maker.ts'
import { beganAt, isInDoubt, isPartial } from './model/partial-change.ts'
import type { BaselineOf, BoundWork, PendingStep, RunEnd, RunProgress } from './model/progress.ts'
import type { RunState } from './model/run-state.ts'
import type { StepState } from './model/step-state.ts'
import { isStepStatus, STATUSES, type StepStatus } from './model/step-status.ts'
import { elapsedSince, instantOf } from './model/time-taken.ts'
import { isUnanswered, pendingSince } from './open-ended.ts'
import { type ReadStep, readBack, verdictOf } from './read-back.ts'
import { isPending } from './schedule/pending-steps.ts'
import { doneIn } from './undo.ts'
import { askAgain } from './unreadable.ts'

/**
 * Returns the run to resume: one that was cut off, or that ended before it was done. An undo that was cut off in the
 * middle of it comes first. Undefined if nothing is left to do.
 */
export function unfinishedRun(runs: RunState[]): RunState | undefined {
  const last = runs.findLast(({ opened }) => opened.within === undefined)
  if (last === undefined || (last.closed && isOver(last.closed.ending))) return undefined
  return runs.findLast(({ opened, closed }) => opened.within === last.run && closed === undefined) ?? last
}

const isOver = (ending: string): boolean => ending === 'done' || ending === 'drift'

/** Returns what is left of a run, by its log and by fresh observations of its steps, and which steps are in doubt. */
export function leftOf(run: RunState, steps: PlannedStep[], plan: Plan): { left: Plan; doubtful: string[] } {
  const { statuses } = progressSince(run, { ...plan, steps }, {})
  const doubtful = [...run.steps].flatMap(([key, state]) => (mayHaveChanged(state) ? [key] : []))
  return { left: { ...plan, steps: steps.filter(({ key }) => !isSettled(statuses.get(key))) }, doubtful }
}

/** Returns whether a step's change may have taken effect, though its read-back didn't show it or nobody read it. */
export const mayHaveTakenEffect = (state: StepState): boolean =>
  isLeftInDoubt(state) || (isLeft(state) && isUnconfirmed(state) && isUnanswered(state))

/** Returns whether a step's change is still in doubt, in its own run and in later ones. */
export const isLeftInDoubt = (state: StepState): boolean => isLeft(state) && isInDoubt(state)

const isLeft = ({ undone, continuedIn }: StepState): boolean => !undone && !continuedIn

const isUnconfirmed = ({ status }: StepState): boolean => status === 'not-applied' || status === 'ambiguous'

/** Returns whether a step's last command may have changed something that its outcome doesn't show for sure. */
const mayHaveChanged = (state: StepState): boolean =>
  isInDoubt(state) || state.status === 'ambiguous' || state.status === 'not-applied'

/**
 * What resuming a run needs besides the loop: how to observe all steps again, how to show what is left, how a step
 * stands that was not asked about yet, and where its change began if an earlier run left it partial.
 */
export type Resumption = {
  observe(): Promise<PlannedStep[]>
  show(left: Plan): void
  first?: ConditionOf
  baseline?: BaselineOf
}

/** Resumes a run: resolves what is in doubt, observes everything again, and runs what is left. */
export async function resumeRun(
  run: RunState & { plan: Plan },
  work: BoundWork,
  { observe, show, ...asked }: Resumption,
  host: RunHost,
): Promise<RunEnd> {
  try {
    const known = await resolveDoubts(run, work.steps, host)
    if ('ending' in known) return close(known, new Map(), host)
    const plan = { ...run.plan, steps: await observe() }
    const progress = progressSince(known.resolved, plan, asked)
    show({ ...plan, steps: plan.steps.filter(({ key }) => !isSettled(progress.statuses.get(key))) })
    return await runToEnd(progress, work, host)
  } catch (error) {
    if (error instanceof Interrupted) return close(INTERRUPTED, new Map(), host)
    throw error
  }
}

/** Returns whether a resume asks nothing about a step any more, though it may not be correct. */
const isSettled = (status: StepStatus | undefined): boolean => status !== undefined && !!STATUSES[status].settled

/**
 * Returns whether a step that has nothing to read keeps its status: statements do; a wait must be repeated if a change
 * before it is pending again.
 */
function keepsStatus(
  status: NonNullable<StepState['status']>,
  { runbook }: PlannedStep,
  pending: PendingStep[],
): status is StepStatus {
  if (status === 'stated' || status === 'approved') return true
  return (
    status === 'waited' &&
    !pending.some(({ planned }) => planned.runbook === runbook && planned.apply && changesAnything(planned.apply))
  )
}

/**
 * Reads each step whose last command is in doubt, and logs whether it was applied, not applied or ambiguous. Never
 * repeats the command. Returns the resolved run, or how it ends if a step can't be read or was interrupted.
 */
export async function resolveDoubts(
  run: RunState,
  steps: BoundStep[],
  host: RunHost,
  isDoubtful: (state: StepState) => boolean = mayHaveChanged,
): Promise<{ resolved: RunState } | RunEnd> {
  const known = new Map(run.steps)
  const doubts: string[] = []
  for (const [key, state] of known) {
    const step = steps.find((each) => each.key === key)
    if (!step || !isDoubtful(state)) continue
    const unseen = state.planned.status === 'unseen'
    const { resolved, doubt } = unseen ? await hear(state, host) : await resolve(state, step, host)
    if (doubt !== undefined) doubts.push(`${step.title}: ${doubt}`)
    known.set(key, resolved)
  }
  if (doubts.length > 0) return { ending: 'in-doubt', reason: doubts.join('; ') }
  return { resolved: { ...run, steps: known } }
}

/** Asks whether a step that has nothing to read was done; without an answer it stays in doubt. */
async function hear(state: StepState, host: RunHost): Promise<Resolved> {
  const statement = await stateOf(state.planned, 'cut-off', host)
  switch (statement.says) {
    case 'yes':
      return { resolved: { ...state, status: 'stated' } }
    case 'no':
      return { resolved: { ...state, status: 'not-done' } }
    case 'nothing':
      return { resolved: { ...state, status: 'in-doubt' }, doubt: UNSAID }
  }
}

/** The resolved step, and why it is still in doubt, if it is. */
type Resolved = { resolved: StepState; doubt?: string }

async function resolve(state: StepState, step: BoundStep, host: RunHost): Promise<Resolved> {
  const { key, title } = step
  const started = instantOf(host.world)
  const before = state.before ?? state.planned.observation
  const readStep = observeWhole(step, host)
  const first = await readStep(false)
  if (state.readBack && !isInDoubt(state) && sameAcrossKeys(first.observation, state.readBack))
    return { resolved: state }
  await host.report({ type: 'step-resolving', key, title })
  const pending = pendingSince(state, step.timeoutMs, host.world)
  const read = await readBack(
    step,
    readStep,
    before,
    { pending, toTheEnd: true },
    { ...host, again: askAgain(state.planned, host) },
  )
  const action = state.intended.at(-1)?.action
  const { verdict: status, maker } =
    action && state.person === undefined
      ? await judgeMaker(verdictOf(before, read), { step: key, action, failure: state.evidence?.failure }, host)
      : { verdict: verdictOf(before, read) }
  const elapsed = elapsedSince(started, host.world)
  const { observation, expectation, reads, until } = read
  await host.append({
    type: 'step.resolved',
    body: {
      ...{ step: key, attempt: state.attempts, verdict: status, ...(maker ? { maker } : {}) },
      ...{ readBack: observation, expectation, reads, until },
      ...(status === 'in-doubt' ? { openForMs: Math.round(read.openForMs) } : {}),
      ...elapsed,
    },
  })
  const twice = await reportDuplicates(step, before, observation, host)
  const doubt = status === 'in-doubt' ? doubtOf(read) : undefined
  const whose = isMadeRight(status) ? describeMaker(status, maker) : ''
  const note = [whose, doubt ?? 'read after the run was cut off', twice].filter((text) => text !== '').join('; ')
  await host.report({ type: 'step-ended', key, title, status, note, elapsed })
  return {
    resolved: { ...state, status, readBack: observation, ...(maker ? { maker } : {}) },
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** Reads the expectation again too: fingerprints in the log had a key that is gone. */
const observeWhole =
  (step: BoundStep, { world }: RunHost): ReadStep =>
  async () => {
    const { observation, expectation, final } = await observe(step, world)
    return { observation, expectation, ...(final === undefined ? {} : { final }) }
  }

/**
 * Returns a run's progress by its log and fresh observations: what is finished and still correct stays, the rest is
 * pending. `first` says how a step stands that was not asked about yet and is as planned.
 */
function progressSince(
  run: RunState,
  plan: Plan,
  { first = () => 'as-planned', baseline = () => undefined }: Pick<Resumption, 'first' | 'baseline'>,
): RunProgress {
  const statuses = new Map<string, StepStatus>()
  const pending: PendingStep[] = []
  for (const planned of plan.steps) {
    const state = run.steps.get(planned.key)
    if (state?.undone) statuses.set(planned.key, 'undone')
    else if (state?.status === 'skipped' && state.planned.status !== 'unknown') statuses.set(planned.key, 'skipped')
    else if (planned.status === 'unseen' && state?.status !== undefined && keepsStatus(state.status, planned, pending))
      statuses.set(planned.key, state.status)
    else if (planned.status === 'drift' || planned.status === 'unseen') {
      const condition = conditionSince(state, planned)
      const began = state && isPartial(state) ? beganAt(state) : baseline(planned)
      pending.push(
        pendingStep(planned, condition === 'as-planned' ? first(planned) : condition, state?.attempts ?? 0, began),
      )
    } else if (planned.status === 'unknown') statuses.set(planned.key, 'unreadable')
    else {
      const status = state?.status
      statuses.set(planned.key, isStepStatus(status) && STATUSES[status].kept ? status : 'conformant')
      if (isPending(planned) && state?.status !== 'waited') pending.push({ planned, condition: 'as-planned', tried: 0 })
    }
  }
  const own = doneIn(run)
  const isThere = (status: StepStatus | undefined) => status === 'applied' || status === 'made-by-unknown'
  return { plan, statuses, pending, done: own.filter(({ planned }) => isThere(statuses.get(planned.key))) }
}

/** Returns how a step that is not correct stands, by what the log last observed of it. */
function conditionSince(state: StepState | undefined, now: PlannedStep): StepCondition {
  switch (state?.status) {
    case undefined:
    case 'left':
      return state && sameAcrossKeys(state.planned.observation, now.observation) ? 'as-planned' : 'moved'
    case 'unreadable':
      return 'as-planned'
    case 'not-applied':
      return state.before && sameAcrossKeys(state.before, now.observation) ? 'as-planned' : 'moved'
    case 'ambiguous':
    case 'in-doubt':
    case 'intent-open':
      return 'ambiguous'
    case 'stated':
    case 'approved':
    case 'waited':
    case 'overdue':
    case 'not-needed':
    case 'not-done':
    case 'refused':
      return 'as-planned'
    case 'applied':
    case 'made-by-another':
    case 'made-by-unknown':
    case 'conformant':
    case 'skipped':
    case 'undone':
      return now.status === 'unseen' ? 'as-planned' : 'moved'
  }
}
