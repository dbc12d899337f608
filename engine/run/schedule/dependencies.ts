import type { PlannedStep } from '../../plan/types.ts'
import { isChange } from '../../steps/index.ts'
import { resourceKeys } from '../../steps/resource-keys.ts'
import type { BoundStep } from '../../steps/types.ts'
import type { PendingStep } from '../model/progress.ts'

/**
 * A pending step in a batch: the keys of the steps that must end first (the one that ends last comes first), and the
 * length of the longest chain that starts with it.
 */
export type Due = { item: PendingStep; after: string[]; chain: number }

/**
 * Consecutive pending steps that may run in parallel, unless one waits for another. A batch begins when the one before
 * it has ended.
 */
export type Batch = Due[]

/** The keys of the steps that have begun, and of those that have ended. */
export type BatchProgress = { begun: Set<string>; ended: Set<string> }

/** Returns batches of one step each. */
export const oneAtATime = (pending: PendingStep[]): Batch[] => pending.map((item) => [{ item, after: [], chain: 1 }])

/**
 * Returns batches of steps that may run in parallel. In a batch, a step waits for what it depends on and for steps that
 * touch the same resource.
 */
export function parallel(pending: PendingStep[], steps: BoundStep[]): Batch[] {
  const bound = new Map(steps.map((step) => [step.key, step]))
  return batchesOf(pending, ({ planned }) => planned).map((batch) => withChains(withWaits(batch, bound)))
}

/** Splits steps into batches, in their order. */
export function batchesOf<T>(items: T[], plannedOf: (item: T) => PlannedStep): T[][] {
  const batches: T[][] = []
  for (const item of items) {
    const batch = batches.at(-1)
    const last = batch?.at(-1)
    if (batch && last && canRunInParallel(plannedOf(last), plannedOf(item))) batch.push(item)
    else batches.push([item])
  }
  return batches
}

/**
 * Returns whether two consecutive steps may run in parallel: both are changes, and repetitions of a parallel step or
 * steps with `dependsOn`.
 */
function canRunInParallel(one: PlannedStep, other: PlannedStep): boolean {
  if (![one, other].every(({ apply }) => apply && isChange(apply))) return false
  const bothHaveDependsOn = one.dependsOn !== undefined && other.dependsOn !== undefined
  return bothHaveDependsOn || (nameOf(one) === nameOf(other) && other.parallel === true)
}

/** Returns the step of a batch to start next: of those that wait for nothing, the one with the longest chain. */
export function nextOf(batch: Batch, { begun, ended }: BatchProgress): Due | undefined {
  let next: Due | undefined
  for (const due of batch) {
    if (begun.has(due.item.planned.key) || due.chain <= (next?.chain ?? 0)) continue
    if (due.after.every((key) => ended.has(key))) next = due
  }
  return next
}

/** Returns which step starts once another has ended, as far as is known now. */
export function nextAfter(key: string, batches: Batch[], { begun, ended }: BatchProgress): Due | undefined {
  const batchProgress = { begun, ended: new Set([...ended, key]) }
  const isOver = (batch: Batch) => batch.every(({ item }) => batchProgress.ended.has(item.planned.key))
  const batch = batches.find((each) => !isOver(each))
  return batch && nextOf(batch, batchProgress)
}

const nameOf = ({ runbook, id }: PlannedStep, of = id): string => `${runbook}/${of}`

/**
 * Adds to each step which earlier steps of its batch it waits for; of several that wait for each other only the last.
 */
function withWaits(batch: PendingStep[], bound: ReadonlyMap<string, BoundStep>): Omit<Due, 'chain'>[] {
  const touching = new Map<string, string>()
  const named = new Map<string, string[]>()
  return batch.map((item) => {
    const { planned } = item
    const { key, dependsOn = [], parallel = false } = planned
    const name = nameOf(planned)
    const resources = resourceKeys(bound.get(key), planned.apply)
    const last = [
      ...resources.flatMap((resource) => touching.get(resource) ?? []),
      ...(parallel ? [] : (named.get(name) ?? [])),
    ]
    const needed = dependsOn.flatMap((need) => named.get(nameOf(planned, need)) ?? [])
    for (const resource of resources) touching.set(resource, key)
    named.set(name, parallel ? [...(named.get(name) ?? []), key] : [key])
    return { item, after: [...new Set([...last, ...needed])].reverse() }
  })
}

/** Adds to each step the length of its chain. */
function withChains(batch: Omit<Due, 'chain'>[]): Batch {
  const longest = new Map<string, number>()
  const chains = batch.toReversed().map((due) => {
    const chain = 1 + (longest.get(due.item.planned.key) ?? 0)
    for (const key of due.after) longest.set(key, Math.max(chain, longest.get(key) ?? 0))
    return { ...due, chain }
  })
  return chains.reverse()
}
