import { planDigest } from '../plan/digest.ts'
import { onePass, planStep } from '../plan/observe.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { sameAcrossKeys } from '../steps/compare.ts'
import { observe } from '../steps/index.ts'
import type { BoundStep, BoundUndoStep, Change, Observation } from '../steps/types.ts'
import { deriveUndo } from './derive-undo.ts'
import type { ConditionOf, RunHost, StepCondition } from './model/host.ts'
import { beganAt, isPartial } from './model/partial-change.ts'
import type { Done } from './model/progress.ts'
import type { RunState } from './model/run-state.ts'
import type { Baseline, StepState } from './model/step-state.ts'
import { isSomebodyElses } from './read-back.ts'

/** Returns the changes of a run that took effect and are not undone, newest first. */
export function doneIn({ run, opened, steps }: RunState): Done[] {
  if (opened.undoes !== undefined) return []
  return [...steps.values()]
    .filter((state) => isThere(state) && !state.undone && !state.continuedIn)
    .sort((a, b) => (b.intent ?? 0) - (a.intent ?? 0))
    .map((state) => doneOf(run, state))
}

/** Returns what the log says about a change. */
export function doneOf(run: string, state: StepState): Done {
  const { planned, readBack = planned.observation, evidence } = state
  return {
    run,
    planned: startedFrom(planned, beganAt(state)),
    readBack,
    ...(evidence ? { evidence } : {}),
    ...(isPartial(state) ? { partial: true } : {}),
    ...(state.status === 'made-by-unknown' ? { maybeNotOurs: true } : {}),
    ...(state.maker?.by === 'us' ? { isOurs: true } : {}),
  }
}

/** Returns a step as it was where its change began, with the undo that leads back there. */
export function startedFrom(
  { undo: _, ...planned }: PlannedStep,
  { before, undo }: Omit<Baseline, 'run'>,
): PlannedStep {
  return { ...planned, observation: before, ...(undo ? { undo } : {}) }
}

/** Returns whether a change is ours to undo. Somebody else's stays; if its author is unknown, a person decides. */
const isThere = (state: StepState): boolean =>
  state.status === 'applied' || state.status === 'stated' || state.status === 'made-by-unknown' || isPartial(state)

/** Returns the titles of changes that depend on one that is undone. */
export const dependentsOf = ({ planned: { runbook, id } }: Done, there: Done[]): string[] =>
  there.flatMap(({ planned }) =>
    planned.runbook === runbook && planned.dependsOn?.includes(id) ? [planned.title] : [],
  )

/**
 * Returns the titles of steps that somebody else made correct and that may depend on a change of these runs: those of
 * its runbook that come after it or depend on it. Nobody here can undo them, so a person decides.
 */
export function othersDependingOn(runs: RunState[], { runbook, id }: Pick<PlannedStep, 'runbook' | 'id'>): string[] {
  return runs.flatMap(({ opened, plan, steps }) => {
    const own = (plan?.steps ?? []).filter((step) => step.runbook === runbook)
    const dependsOn = (step: PlannedStep, visited: readonly string[] = []): boolean =>
      step.dependsOn === undefined
        ? own.findIndex((one) => one.id === id) < own.findIndex((one) => one.id === step.id)
        : step.dependsOn.includes(id) ||
          own.some(
            (one) =>
              step.dependsOn?.includes(one.id) && !visited.includes(one.id) && dependsOn(one, [...visited, one.id]),
          )
    const theirs = own.filter((step) => {
      const state = steps.get(step.key)
      return opened.undoes === undefined && state?.status === 'made-by-another' && !state.undone && step.id !== id
    })
    return theirs.filter((step) => dependsOn(step)).map(({ title }) => title)
  })
}

/**
 * Returns the step that undoes a change, derived from the bound step that made it. Throws UserError if the log differs.
 */
export function undoStep({ run, planned }: Done, of: BoundStep): BoundUndoStep {
  const { description: _, record: __, group: ___, parallel: ____, dependsOn: _____, ...common } = of
  const { observation } = planned
  const undo = deriveUndo(of, observation, planned.undo)
  const remark = undo === undefined || undo.kind === 'none' ? undefined : leftBehind(undo)
  const stuck = undo === undefined ? 'it cannot be undone' : undo.kind === 'none' ? undo.reason : undefined
  return {
    ...common,
    kind: 'undo',
    key: undoKey(run, planned.key),
    title: `undo: ${of.title}`,
    ...(stuck === undefined ? {} : { description: `Cannot be undone: ${stuck}` }),
    ...(remark === undefined ? {} : { description: remark }),
    of,
    undoes: { run, step: planned.key },
    before: observation,
    ...(undo && undo.kind !== 'none' ? { action: undo } : {}),
  }
}

/** Describes what an undo leaves behind, since no gcloud command can restore it. */
function leftBehind(undo: Change): string | undefined {
  switch (undo.kind) {
    case 'gcloud':
      return /(^|beta |alpha )run services update /.test(undo.command.argv.join(' '))
        ? "Not undone: what gcloud itself sets on a service (client name and version, launch stage, the image's digest, new revisions) or removes from it (binary-authorization break-glass)."
        : undefined
    case 'copy-secret':
      return 'Not undone: the added version stays; the undo adds a newer one.'
  }
}

/** Returns the key of an undo step: two runs may have changed the same step. */
export const undoKey = (run: string, step: string): string => `${step}@${run}`

/** Returns how each step to undo stands: as the change left it, partial, moved since, or perhaps never ours. */
export const conditionsOf =
  (dones: Done[]): ConditionOf =>
  ({ key, observation }) => {
    const done = dones.find(({ run, planned }) => undoKey(run, planned.key) === key)
    return done ? conditionSince(done, observation) : 'as-planned'
  }

function conditionSince(done: Done, now: Observation): StepCondition {
  const { readBack, evidence, partial, maybeNotOurs, isOurs } = done
  if (partial) return isOnlyOurs(done, now) ? 'as-planned' : 'partial'
  if (!sameAcrossKeys(readBack, now)) return 'moved'
  if (isOurs) return 'as-planned'
  const wasThere = /already exists/i.test(evidence?.failure?.message ?? '')
  return maybeNotOurs || wasThere ? 'maybe-not-ours' : 'as-planned'
}

/**
 * Returns whether a partial change can be undone like any other: the resource is as our command left it, the command's
 * values aren't somebody else's, and what was there before is known.
 */
function isOnlyOurs({ planned: { observation: before, expectation }, readBack }: Done, now: Observation): boolean {
  const isKnown = before.state === 'value' || before.state === 'absent'
  return isKnown && sameAcrossKeys(readBack, now) && !isSomebodyElses(now, before, expectation)
}

/** Observes undo steps and makes a plan of them, without checks. */
export async function planUndo(
  like: Pick<Plan, 'environment' | 'reaches' | 'runbooks' | 'inventory' | 'inputs'>,
  steps: BoundUndoStep[],
  { world, width }: Pick<RunHost, 'world' | 'width'>,
): Promise<Plan> {
  const pass = onePass(world, width)
  const { environment, reaches, runbooks, inventory, inputs } = like
  const planned = await Promise.all(steps.map(async (step) => planStep(step, await observe(step, pass))))
  const head = { environment, ...(reaches ? { reaches } : {}), runbooks, inventory, inputs }
  return { ...head, steps: planned, checks: [] }
}

/** Returns the event that logs what will be undone. */
export const undoPlanned = (plan: Plan) => ({ type: 'plan.made' as const, body: { plan, digest: planDigest(plan) } })
