import { faultInFields } from './fields.ts'
import { type Rereading, rereadWith, type StepKind } from './kind.ts'
import { approve } from './kinds/approve.ts'
import { gate } from './kinds/gate.ts'
import { gcloud } from './kinds/gcloud.ts'
import { http } from './kinds/http.ts'
import { manual } from './kinds/manual.ts'
import { script } from './kinds/script.ts'
import { secret } from './kinds/secret.ts'
import { undo } from './kinds/undo.ts'
import { wait } from './kinds/wait.ts'
import { workflowRun } from './kinds/workflow-run.ts'
import { masked } from './masked.ts'
import { asReads } from './read-only.ts'
import type { Reach } from './target-projects.ts'
import type {
  Action,
  BoundStep,
  Change,
  Duplicates,
  Expectation,
  GcloudCommand,
  Observation,
  Reading,
  Undo,
} from './types.ts'
import type { World } from './world.ts'

const KINDS: { [K in BoundStep['kind']]: StepKind<Extract<BoundStep, { kind: K }>> } = {
  gcloud,
  secret,
  http,
  workflowRun,
  script,
  gate: gate(kindOf, observe),
  manual,
  wait,
  approve,
  undo: undo(kindOf),
}

function kindOf(step: BoundStep): StepKind<BoundStep> {
  return KINDS[step.kind]
}

/** Reads what a step is about, and what that must be. Never throws for what the world does. */
export async function observe(step: BoundStep, world: World): Promise<Reading> {
  const reading = await kindOf(step).observe(step, asReads(world))
  return { ...reading, observation: masked(reading.observation, world) }
}

/** Reads a step again before an apply and after it: only the target, not what the expectation came from. */
export async function readAgain(step: BoundStep, world: World, expectation: Expectation): Promise<Rereading> {
  const reading = await rereadWith(kindOf(step), step, asReads(world), expectation)
  return { ...reading, observation: masked(reading.observation, world) }
}

/** Observes a step again with a known expectation. */
export const observeAgain = async (step: BoundStep, world: World, expectation: Expectation): Promise<Observation> =>
  (await readAgain(step, world, expectation)).observation

/** Returns what happens when a step has drifted or has nothing to read; undefined if it only observes. */
export const applyFor = (step: BoundStep, reading: Reading): Action | undefined => kindOf(step).apply(step, reading)

/** Returns why a step's change can't fix what was observed; undefined if it can. */
export const cannotApply = (step: BoundStep, observed: Observation): string | undefined =>
  kindOf(step).cannotApply?.(step, observed)

/** Returns how a step's change is undone, given what was observed before it. */
export const undoFor = (step: BoundStep, before: Observation): Undo | undefined => kindOf(step).undo(step, before)

/** Finds what a change made more than once, by its read-backs. */
export const duplicatesOf = async (
  step: BoundStep,
  before: Observation,
  after: Observation,
  world: World,
): Promise<Duplicates | undefined> => kindOf(step).duplicates?.(step, before, after, asReads(world))

/** Returns what a step expects before anything is observed; undefined if that depends on what is read. */
export const boundExpectation = (step: BoundStep): Expectation | undefined => kindOf(step).expectation(step)

/** Returns what a step's change and its undo can affect; nothing if it only observes. */
export const reachOf = (step: BoundStep): Reach => kindOf(step).reach(step)

/** Returns the gcloud reads by which a step's resources are known. */
export const readsOf = (step: BoundStep): GcloudCommand[] => kindOf(step).reads(step)

/** Returns whether a step may be read early, since it only reads with gcloud. */
export const canPrefetch = (step: BoundStep): boolean => kindOf(step).canPrefetch?.(step) ?? false

/** Returns a bound step as data, without the variables that the inventory and the inputs give. */
export const contentOf = (step: BoundStep): unknown => kindOf(step).content(step)

/** Returns what a check asks of the world, without its names. */
export const identityOf = (check: BoundStep): unknown => kindOf(check).identity(check)

/**
 * Returns why a step can't have observed what a log says; undefined if it can. What is in a log becomes an argument of a
 * command only if it has the type of what the step reads.
 */
export function faultInObservation(step: BoundStep, observation: Observation): string | undefined {
  const fields = kindOf(step).fields(step)
  switch (observation.state) {
    case 'absent':
    case 'unknown':
      return undefined
    case 'unseen':
      return fields && 'the step has something to read'
    case 'value':
      return fields ? faultInFields(observation.value, fields) : 'the step has nothing to read'
  }
}

/** Returns whether the engine makes the change itself; everything else is manual, or a wait. */
export function isChange(action: Action): action is Change {
  switch (action.kind) {
    case 'gcloud':
    case 'copy-secret':
      return true
    case 'by-hand':
    case 'ask':
    case 'wait':
      return false
  }
}

/** Returns whether an action changes anything, by the engine or by hand. */
export const changesAnything = (action: Action): boolean => isChange(action) || action.kind === 'by-hand'
