import type { BackfillPoint } from '../plan/backfill.ts'
import type { Plan } from '../plan/types.ts'
import type { BoundStep, Status } from '../steps/types.ts'
import { observeBackfill } from './backfill.ts'
import { runChecks } from './checks.ts'
import type { Ending } from './events.ts'
import { Interrupted, type RunHost, type StepFate } from './host.ts'
import { runStep, type StepEnd } from './step-run.ts'

/** How the run ended and why, in one sentence. */
export type RunEnd = { ending: Ending; reason: string }

/** What a plan is carried out with: its bound steps, the checks at the end, and what the repository must say. */
export type Work = { steps: BoundStep[]; checks: BoundStep[]; backfill: BackfillPoint[] }

/** Carries out a plan: each drifted step in its order, then the checks, then a look at the repository. Closes the run in the log, whatever happens. */
export async function carryOut(plan: Plan, work: Work, host: RunHost): Promise<RunEnd> {
  const settled = plan.steps.filter((step) => step.status !== 'drift')
  const fates = new Map<string, StepFate>(
    settled.map((step) => [step.key, step.status === 'unknown' ? 'unreadable' : 'conformant']),
  )
  const end = await goThrough(plan, work, fates, host)
  await host.append({ type: 'run.closed', body: { ...end, counts: countFates(fates) } })
  return end
}

/** What could not be read blocks the run before anything is changed, unless the operator goes on without it and says why. */
async function blocked(plan: Plan, host: RunHost): Promise<RunEnd | undefined> {
  const unknown = plan.steps.filter((step) => step.status === 'unknown')
  for (const [index, step] of unknown.entries()) {
    const { key, title, observation } = step
    const answer = await host.operator.passOver(step)
    if (answer === 'stop') {
      const reason = observation.state === 'unknown' ? observation.reason : ''
      const more = unknown.length > index + 1 ? ` (and ${unknown.length - index - 1} more)` : ''
      return { ending: 'failed', reason: `nothing was changed: ${title} could not be told: ${reason}${more}` }
    }
    const decision = { choice: 'skip' as const, reason: answer.reason }
    await host.append({ type: 'step.decided', body: { step: key, decision, by: host.operator.name } })
  }
  return undefined
}

async function goThrough(plan: Plan, work: Work, fates: Map<string, StepFate>, host: RunHost): Promise<RunEnd> {
  try {
    const stopped = (await blocked(plan, host)) ?? (await runSteps(plan, work.steps, fates, host))
    if (stopped) return stopped
    if (host.stopRequested()) throw new Interrupted()
    const results = await runChecks(work.checks, host)
    if (host.stopRequested()) throw new Interrupted()
    for (const body of await observeBackfill(work.backfill, host.repository)) {
      await host.append({ type: 'backfill.observed', body })
      await host.tell({ moment: 'backfill-observed', ...body })
    }
    return endOf([...fates.values()], results)
  } catch (error) {
    if (error instanceof Interrupted)
      return { ending: 'interrupted', reason: 'no command is running, and nothing is in doubt' }
    throw error
  }
}

async function runSteps(
  plan: Plan,
  steps: BoundStep[],
  fates: Map<string, StepFate>,
  host: RunHost,
): Promise<RunEnd | undefined> {
  const drifted = plan.steps.filter((step) => step.status === 'drift')
  const declined = drifted.some(({ apply }) => apply) ? await enter(plan.environment, host) : undefined
  if (declined) return declined
  for (const [index, planned] of drifted.entries()) {
    if (host.stopRequested()) throw new Interrupted()
    const step = steps.find(({ key }) => key === planned.key)
    if (!step) throw new Error(`the plan has ${planned.key}, which is not bound`)
    const turn = { number: index + 1, of: drifted.length, startedAt: host.world.clock.now() }
    const end = await runStep(planned, step, turn, host)
    if (end.fate === 'aborted') return { ending: 'declined', reason: end.note }
    fates.set(planned.key, end.fate)
    await host.tell({
      moment: 'step-ended',
      key: planned.key,
      title: planned.title,
      fate: end.fate,
      note: end.note,
      durationMs: host.world.clock.now().getTime() - turn.startedAt.getTime(),
    })
    const stop = stopAfter(planned.title, end)
    if (stop) return stop
  }
  return undefined
}

/** A protected environment is entered by saying so, once, before the first change. */
async function enter(environment: Plan['environment'], host: RunHost): Promise<RunEnd | undefined> {
  if (!environment.protected) return undefined
  const { name, project } = environment
  const entered = await host.operator.enter(environment)
  if (entered === 'not-asked') return undefined
  if (entered === 'refused') return { ending: 'declined', reason: `${name} is protected, and ${project} was not typed` }
  await host.append({
    type: 'environment.entered',
    body: { environment: name, project, by: host.operator.name },
  })
  return undefined
}

/** A step that did not end as it should ends the run: what comes after may lean on it. */
function stopAfter(title: string, end: StepEnd): RunEnd | undefined {
  switch (end.fate) {
    case 'conformant':
    case 'applied':
    case 'skipped':
    case 'left':
      return undefined
    case 'not-applied':
    case 'ambiguous':
    case 'unreadable':
      return { ending: 'failed', reason: `${title}: ${end.note}` }
    case 'in-doubt':
      return { ending: 'in-doubt', reason: `${title}: ${end.note}` }
    case 'aborted':
      return { ending: 'declined', reason: end.note }
  }
}

function endOf(fates: StepFate[], checks: Status[]): RunEnd {
  const left = fates.filter((fate) => fate === 'left' || fate === 'skipped').length
  const failed = checks.filter((status) => status !== 'conformant').length
  const untold = fates.filter((fate) => fate === 'unreadable').length
  if (untold > 0)
    return {
      ending: 'failed',
      reason: `${untold} ${untold === 1 ? 'step' : 'steps'} could not be told and ${untold === 1 ? 'was' : 'were'} passed over`,
    }
  if (left > 0)
    return {
      ending: 'drift',
      reason: `${left} ${left === 1 ? 'step was' : 'steps were'} left as found${failed > 0 ? `, ${failed} of ${checks.length} checks do not hold` : ''}`,
    }
  if (failed > 0) return { ending: 'failed', reason: `${failed} of ${checks.length} checks at the end do not hold` }
  return { ending: 'done', reason: describeDone(fates, checks.length) }
}

/** What a run that ended well may claim: what was right in the plan was seen then, and not again unless a check asks it. */
function describeDone(fates: StepFate[], checks: number): string {
  const changed = fates.filter((fate) => fate === 'applied').length
  const right = fates.length - changed
  const steps = (count: number) => (count === 1 ? '1 step was' : `${count} steps were`)
  const parts = [
    ...(changed > 0 ? [`${steps(changed)} changed and read back`] : []),
    ...(right > 0 ? [`${steps(right)} right when looked at`] : []),
    ...(checks > 0 ? [checks === 1 ? 'the check at the end holds' : `all ${checks} checks at the end hold`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'there was nothing to look at'
}

function countFates(fates: Map<string, StepFate>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fate of fates.values()) counts[fate] = (counts[fate] ?? 0) + 1
  return counts
}
