import type { Fields } from './fields.ts'
import type { Reach } from './target-projects.ts'
import type { Action, BoundStep, Duplicates, Expectation, GcloudCommand, Observation, Reading, Undo } from './types.ts'
import type { World } from './world.ts'

/** What a step reads again when its expectation is already known. */
export type Rereading = Pick<Reading, 'observation' | 'final'>

/** How one kind of step is observed, applied and undone; `kinds/` has a module for each. */
export type StepKind<S extends BoundStep> = {
  /** Reads what the step is about, and what that must be. Never throws for what the world does. */
  observe(step: S, world: World): Promise<Reading>
  /** Reads only the step's target, not what its expectation comes from. Left out if `observe` does that. */
  observeAgain?(step: S, world: World, expectation: Expectation): Promise<Rereading>
  /** Returns what the step expects; undefined if that depends on what is read. */
  expectation(step: S): Expectation | undefined
  /** Returns what each observed field may hold; undefined if there is nothing to read. */
  fields(step: S): Fields | undefined
  /** Returns the gcloud reads by which the step's resources are known. */
  reads(step: S): GcloudCommand[]
  /** Returns whether the step may be read early: it only reads with gcloud. Left out if never. */
  canPrefetch?(step: S): boolean
  /** Returns what happens when the step has drifted or has nothing to read; undefined if it only observes. */
  apply(step: S, reading: Reading): Action | undefined
  /** Returns why the change can't fix what was observed; undefined if it can. Left out if it always can. */
  cannotApply?(step: S, observation: Observation): string | undefined
  /** Returns how the change is undone, given what was observed before it. */
  undo(step: S, before: Observation): Undo | undefined
  /** Finds what a change made more than once. Left out if that can't happen. */
  duplicates?(step: S, before: Observation, after: Observation, world: World): Promise<Duplicates | undefined>
  /** Returns what the change and its undo can affect. */
  reach(step: S): Reach
  /** Returns the step as data for its digest, without variables. */
  content(step: S): unknown
  /** Returns what a check asks: two checks with the same answer are one. */
  identity(step: S): unknown
}

/** The members of a kind that only observes. */
export const onlyObserves = {
  apply: () => undefined,
  undo: () => undefined,
  reach: () => ({ projects: [], beyond: [] }),
}

/** The reading of a step that has nothing to read. */
export const NOTHING_TO_READ: Reading = { observation: { state: 'unseen' }, expectation: {} }

/** Looks up the kind of a step. */
export type KindOf = (step: BoundStep) => StepKind<BoundStep>

/** Reads a step again with a known expectation. */
export const rereadWith = (kind: StepKind<BoundStep>, step: BoundStep, world: World, expectation: Expectation) =>
  kind.observeAgain?.(step, world, expectation) ?? kind.observe(step, world)
