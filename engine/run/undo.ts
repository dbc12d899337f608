import { planDigest } from '../plan/digest.ts'
import { onePass, planStep } from '../plan/observe.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { sameAcrossKeys } from '../steps/compare.ts'
import { observe } from '../steps/index.ts'
import type { BoundStep, BoundUndoStep, Change, Observation } from '../steps/types.ts'
import { deriveUndo } from './derive-undo.ts'
import type { Done } from './model/course.ts'
import type { RunHost, Seen, SeenOf } from './model/host.ts'
import { beganAt, isPartial } from './model/partial-change.ts'
import type { RunState } from './model/run-state.ts'
import type { Baseline, StepState } from './model/step-state.ts'
import { isSomebodyElses } from './read-back.ts'

/** The changes of a run's steps that are there and were not taken back yet, newest first. */
export function doneIn({ run, opened, steps }: RunState): Done[] {
  if (opened.undoes !== undefined) return []
  return [...steps.values()]
    .filter((state) => isThere(state) && !state.undone && !state.continuedIn)
    .sort((a, b) => (b.intent ?? 0) - (a.intent ?? 0))
    .map((state) => doneOf(run, state))
}

/** What the log says of a change that was made. */
export function doneOf(run: string, state: StepState): Done {
  const { planned, readBack = planned.observation, evidence } = state
  return {
    run,
    planned: startedFrom(planned, beganAt(state)),
    readBack,
    ...(evidence ? { evidence } : {}),
    ...(isPartial(state) ? { halfDone: true } : {}),
    ...(state.status === 'made-by-unknown' ? { maybeNotOurs: true } : {}),
    ...(state.maker?.by === 'us' ? { isOurs: true } : {}),
  }
}

/** A step as it was where its change began, and what takes it back to that. */
export function startedFrom(
  { undo: _, ...planned }: PlannedStep,
  { before, undo }: Omit<Baseline, 'run'>,
): PlannedStep {
  return { ...planned, observation: before, ...(undo ? { undo } : {}) }
}

/** What somebody else made right is theirs, and stays; of what nobody knows whose it is, a person decides. */
const isThere = (state: StepState): boolean =>
  state.status === 'applied' || state.status === 'stated' || state.status === 'made-by-unknown' || isPartial(state)

/** The titles of the changes that are there and say that they need one that is taken back: they may lean on it. */
export const leaningOn = ({ planned: { runbook, id } }: Done, there: Done[]): string[] =>
  there.flatMap(({ planned }) =>
    planned.runbook === runbook && planned.dependsOn?.includes(id) ? [planned.title] : [],
  )

/**
 * The titles of steps that somebody else made right and that may lean on a change of these runs: those of its runbook that come after it, or need it.
 * They are nobody's here to undo, so what they need is left to a person.
 */
export function theirsLeaningOn(runs: RunState[], { runbook, id }: Pick<PlannedStep, 'runbook' | 'id'>): string[] {
  return runs.flatMap(({ opened, plan, steps }) => {
    const own = (plan?.steps ?? []).filter((step) => step.runbook === runbook)
    const dependsOn = (step: PlannedStep, seen: readonly string[] = []): boolean =>
      step.dependsOn === undefined
        ? own.findIndex((one) => one.id === id) < own.findIndex((one) => one.id === step.id)
        : step.dependsOn.includes(id) ||
          own.some(
            (one) => step.dependsOn?.includes(one.id) && !seen.includes(one.id) && dependsOn(one, [...seen, one.id]),
          )
    const theirs = own.filter((step) => {
      const state = steps.get(step.key)
      return opened.undoes === undefined && state?.status === 'made-by-another' && !state.undone && step.id !== id
    })
    return theirs.filter((step) => dependsOn(step)).map(({ title }) => title)
  })
}

/** The step that undoes a change, derived from the bound step that made it. Throws UserError where the log says otherwise. */
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
    title: `take back: ${of.title}`,
    ...(stuck === undefined ? {} : { description: `Cannot be undone: ${stuck}` }),
    ...(remark === undefined ? {} : { description: remark }),
    of,
    undoes: { run, step: planned.key },
    before: observation,
    ...(undo && undo.kind !== 'none' ? { action: undo } : {}),
  }
}

/** What stays behind, since no command of gcloud's sets it back; said before anybody consents. */
function leftBehind(undo: Change): string | undefined {
  switch (undo.kind) {
    case 'gcloud':
      return /(^|beta |alpha )run services update /.test(undo.command.argv.join(' '))
        ? "Not taken back: what gcloud itself writes on a service (client name and version, launch stage, the image's digest, new revisions) or drops from it (binary-authorization break-glass)."
        : undefined
    case 'copy-secret':
      return 'Not taken back: the version that was added stays, under the one that is added now.'
  }
}

/** The key of the undo of a run's step: two runs may have changed the same thing. */
export const undoKey = (run: string, step: string): string => `${step}@${run}`

/** How each thing stands whose change is to be taken back: as the change left it, changed in part, moved since, or perhaps never ours. */
export const seenAmong =
  (dones: Done[]): SeenOf =>
  ({ key, observation }) => {
    const done = dones.find(({ run, planned }) => undoKey(run, planned.key) === key)
    return done ? seenSince(done, observation) : 'as-planned'
  }

function seenSince(done: Done, now: Observation): Seen {
  const { readBack, evidence, halfDone, maybeNotOurs, isOurs } = done
  if (halfDone) return isOnlyOurs(done, now) ? 'as-planned' : 'half-done'
  if (!sameAcrossKeys(readBack, now)) return 'moved'
  if (isOurs) return 'as-planned'
  const wasThere = /already exists/i.test(evidence?.failure?.message ?? '')
  return maybeNotOurs || wasThere ? 'maybe-not-ours' : 'as-planned'
}

/**
 * Whether a change that was made in part can go back as any other: it is as our command left it, nothing that the command set
 * has a value of somebody else, and what was there before is known.
 */
function isOnlyOurs({ planned: { observation: before, expectation }, readBack }: Done, now: Observation): boolean {
  const isKnown = before.state === 'value' || before.state === 'absent'
  return isKnown && sameAcrossKeys(readBack, now) && !isSomebodyElses(now, before, expectation)
}

/** Observes the steps that take changes back and makes a plan of them; nothing is checked at its end. */
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

/** The event that says what is to be taken back. */
export const undoPlanned = (plan: Plan) => ({ type: 'plan.made' as const, body: { plan, digest: planDigest(plan) } })
