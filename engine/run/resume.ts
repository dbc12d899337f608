import type { Plan, PlannedStep } from '../plan/types.ts'
import { sameAcrossKeys } from '../steps/compare.ts'
import { changesAnything, observe } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import { state as stateOf, UNSAID } from './by-hand.ts'
import { doubtOf, lookForDuplicates } from './change.ts'
import { INTERRUPTED } from './ending.ts'
import { close, follow, openStep } from './loop.ts'
import type { BaselineOf, BoundWork, OpenStep, RunEnd, RunProgress } from './model/course.ts'
import { Interrupted, type RunHost, type Seen, type SeenOf } from './model/host.ts'
import { describeMaker, isMadeRight, judgeMaker } from './model/maker.ts'
import { beganAt, isInDoubt, isPartial } from './model/partial-change.ts'
import type { RunState } from './model/run-state.ts'
import type { StepState } from './model/step-state.ts'
import { isStepStatus, STATUSES, type StepStatus } from './model/step-status.ts'
import { elapsedSince, instantOf } from './model/time-taken.ts'
import { isUnanswered, openSince } from './open-ended.ts'
import { type Look, readBack, verdictOf } from './read-back.ts'
import { isOpen } from './schedule/open-steps.ts'
import { doneIn } from './undo.ts'
import { askAgain } from './unreadable.ts'

/**
 * The run of an incident that can be gone on with: one that was cut off, or that ended before it was done; what was
 * being taken back in the middle of it comes first. Undefined where nothing was left to do.
 */
export function unfinishedRun(runs: RunState[]): RunState | undefined {
  const last = runs.findLast(({ opened }) => opened.within === undefined)
  if (last === undefined || (last.closed && isOver(last.closed.ending))) return undefined
  return runs.findLast(({ opened, closed }) => opened.within === last.run && closed === undefined) ?? last
}

const isOver = (ending: string): boolean => ending === 'done' || ending === 'drift'

/** What of a run is left, by its log and by what its steps were observed as now; steps in doubt are among it. */
export function leftOf(run: RunState, steps: PlannedStep[], plan: Plan): { left: Plan; doubtful: string[] } {
  const { statuses } = courseSince(run, { ...plan, steps }, {})
  const doubtful = [...run.steps].flatMap(([key, state]) => (mayHaveChanged(state) ? [key] : []))
  return { left: { ...plan, steps: steps.filter(({ key }) => !isSettled(statuses.get(key))) }, doubtful }
}

/** Whether a step's change may be there, though nothing of it showed when it was read, or nobody has read it. */
export const mayYetBeThere = (state: StepState): boolean =>
  isLeftInDoubt(state) || (isLeft(state) && wasReadInVain(state) && isUnanswered(state))

/** Whether nobody has found out what became of a step's change, in its own run or in a later one. */
export const isLeftInDoubt = (state: StepState): boolean => isLeft(state) && isInDoubt(state)

const isLeft = ({ undone, continuedIn }: StepState): boolean => !undone && !continuedIn

const wasReadInVain = ({ status }: StepState): boolean => status === 'not-applied' || status === 'ambiguous'

/** Whether a step's last command may have changed something that its outcome did not tell for sure. */
const mayHaveChanged = (state: StepState): boolean =>
  isInDoubt(state) || state.status === 'ambiguous' || state.status === 'not-applied'

/**
 * What going on with a run needs beside the loop: all its steps observed anew, what is left shown, and of a step that was
 * not asked about yet how it stands, and where its change began if an earlier run left it half done.
 */
export type GoingOn = {
  observe(): Promise<PlannedStep[]>
  show(left: Plan): void
  first?: SeenOf
  baseline?: BaselineOf
}

/** Goes on with a run that has a plan: resolves what is in doubt, observes everything again, and carries out what is left. */
export async function goOn(
  run: RunState & { plan: Plan },
  work: BoundWork,
  { observe, show, ...asked }: GoingOn,
  host: RunHost,
): Promise<RunEnd> {
  try {
    const known = await resolveDoubts(run, work.steps, host)
    if ('ending' in known) return close(known, new Map(), host)
    const plan = { ...run.plan, steps: await observe() }
    const course = courseSince(known.resolved, plan, asked)
    show({ ...plan, steps: plan.steps.filter(({ key }) => !isSettled(course.statuses.get(key))) })
    return await follow(course, work, host)
  } catch (error) {
    if (error instanceof Interrupted) return close(INTERRUPTED, new Map(), host)
    throw error
  }
}

/** Whether nothing is asked about a step any more, though it may not be as it must be. */
const isSettled = (status: StepStatus | undefined): boolean => status !== undefined && !!STATUSES[status].settled

/** Of what nothing can be read, a word that was given stands; time that has passed counts no more once something before it is open again. */
function staysSo(
  status: NonNullable<StepState['status']>,
  { runbook }: PlannedStep,
  open: OpenStep[],
): status is StepStatus {
  if (status === 'stated' || status === 'approved') return true
  return (
    status === 'waited' &&
    !open.some(({ planned }) => planned.runbook === runbook && planned.apply && changesAnything(planned.apply))
  )
}

/**
 * Reads each step whose last command is in doubt, and writes down what that says: applied, not applied or ambiguous.
 * Never repeats the command. Answers the run with that known, or how it ends where a step can't be read or was cut short.
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

/** Asks whether a step was done of which nothing can be read; where nobody says it, it stays in doubt. */
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

/** What is known of a step by now, and why nothing is where that is so. */
type Resolved = { resolved: StepState; doubt?: string }

async function resolve(state: StepState, step: BoundStep, host: RunHost): Promise<Resolved> {
  const { key, title } = step
  const started = instantOf(host.world)
  const before = state.before ?? state.planned.observation
  const look = lookWhole(step, host)
  const first = await look(false)
  if (state.readBack && !isInDoubt(state) && sameAcrossKeys(first.observation, state.readBack))
    return { resolved: state }
  await host.tell({ moment: 'step-resolving', key, title })
  const open = openSince(state, step.timeoutMs, host.world)
  const read = await readBack(
    step,
    look,
    before,
    { open, toTheEnd: true },
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
  const twice = await lookForDuplicates(step, before, observation, host)
  const doubt = status === 'in-doubt' ? doubtOf(read) : undefined
  const whose = isMadeRight(status) ? describeMaker(status, maker) : ''
  const note = [whose, doubt ?? 'as read after the run was cut off', twice].filter((text) => text !== '').join('; ')
  await host.tell({ moment: 'step-ended', key, title, status, note, elapsed })
  return {
    resolved: { ...state, status, readBack: observation, ...(maker ? { maker } : {}) },
    ...(doubt === undefined ? {} : { doubt }),
  }
}

/** Fingerprints in the log had a key that is gone, so what must be is read anew too; where it can't be, nothing is known. */
const lookWhole =
  (step: BoundStep, { world }: RunHost): Look =>
  async () => {
    const { observation, expectation, final } = await observe(step, world)
    return { observation, expectation, ...(final === undefined ? {} : { final }) }
  }

/**
 * Where a run stands by its log and by what is observed now: what is finished and still right stays, the rest is open.
 * `first` says how a step stands that was not asked about yet and is as the plan showed it.
 */
function courseSince(
  run: RunState,
  plan: Plan,
  { first = () => 'as-planned', baseline = () => undefined }: Pick<GoingOn, 'first' | 'baseline'>,
): RunProgress {
  const statuses = new Map<string, StepStatus>()
  const open: OpenStep[] = []
  for (const planned of plan.steps) {
    const state = run.steps.get(planned.key)
    if (state?.undone) statuses.set(planned.key, 'undone')
    else if (state?.status === 'skipped' && state.planned.status !== 'unknown') statuses.set(planned.key, 'skipped')
    else if (planned.status === 'unseen' && state?.status !== undefined && staysSo(state.status, planned, open))
      statuses.set(planned.key, state.status)
    else if (planned.status === 'drift' || planned.status === 'unseen') {
      const seen = seenSince(state, planned)
      const began = state && isPartial(state) ? beganAt(state) : baseline(planned)
      open.push(openStep(planned, seen === 'as-planned' ? first(planned) : seen, state?.attempts ?? 0, began))
    } else if (planned.status === 'unknown') statuses.set(planned.key, 'unreadable')
    else {
      const status = state?.status
      statuses.set(planned.key, isStepStatus(status) && STATUSES[status].kept ? status : 'conformant')
      if (isOpen(planned) && state?.status !== 'waited') open.push({ planned, seen: 'as-planned', tried: 0 })
    }
  }
  const own = doneIn(run)
  const isThere = (status: StepStatus | undefined) => status === 'applied' || status === 'made-by-unknown'
  return { plan, statuses, open, done: own.filter(({ planned }) => isThere(statuses.get(planned.key))) }
}

/** How a step stands that is not as it must be, by what the log says was seen of it last. */
function seenSince(state: StepState | undefined, now: PlannedStep): Seen {
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
