import type { PlannedStep } from '../../plan/types.ts'
import { isChange } from '../../steps/index.ts'
import { touched } from '../../steps/resource-keys.ts'
import type { BoundStep } from '../../steps/types.ts'
import type { OpenStep } from '../model/course.ts'

/** A step that is due: the keys of those whose turn must have ended before its own begins (of what it needs the latest first: it ends last), and how many turns come one after the other from it on. */
export type Due = { item: OpenStep; after: string[]; chain: number }

/** Open steps that follow one another in the plan and may be changed side by side, as far as none waits for another. A stretch begins when the one before it has ended. */
export type Batch = Due[]

/** How far the turns of a run have come, by the steps' keys. */
export type Turns = { begun: ReadonlySet<string>; ended: ReadonlySet<string> }

/** Each step when the one before it has ended. */
export const oneAtATime = (open: OpenStep[]): Batch[] => open.map((item) => [{ item, after: [], chain: 1 }])

/**
 * Those together that may be changed side by side (`mayGoBeside`). Of a stretch, a step waits for what it needs and for
 * all that touch the same thing (`touched`).
 */
export function parallel(open: OpenStep[], steps: BoundStep[]): Batch[] {
  const bound = new Map(steps.map((step) => [step.key, step]))
  return batchesOf(open, ({ planned }) => planned).map((batch) => withChains(withWaits(batch, bound)))
}

/** Steps in their order, parted where one comes after all before it. */
export function batchesOf<T>(items: T[], plannedOf: (item: T) => PlannedStep): T[][] {
  const batches: T[][] = []
  for (const item of items) {
    const batch = batches.at(-1)
    const last = batch?.at(-1)
    if (batch && last && mayGoBeside(plannedOf(last), plannedOf(item))) batch.push(item)
    else batches.push([item])
  }
  return batches
}

/** Whether of two steps, one after the other in the plan, neither need wait for the other: repetitions of a step whose runbook says so, or changes that both say what they need. */
function mayGoBeside(one: PlannedStep, other: PlannedStep): boolean {
  if (![one, other].every(({ apply }) => apply && isChange(apply))) return false
  const bothSay = one.dependsOn !== undefined && other.dependsOn !== undefined
  return bothSay || (nameOf(one) === nameOf(other) && other.parallel === true)
}

/** Which of a stretch begins now: of those that wait for nothing any more, the one from which on most turns come one after the other. */
export function nextOf(batch: Batch, { begun, ended }: Turns): Due | undefined {
  let next: Due | undefined
  for (const due of batch) {
    if (begun.has(due.item.planned.key) || due.chain <= (next?.chain ?? 0)) continue
    if (due.after.every((key) => ended.has(key))) next = due
  }
  return next
}

/** Which begins once that one has ended too, as far as can be told by now. */
export function nextAfter(key: string, batches: Batch[], { begun, ended }: Turns): Due | undefined {
  const turns = { begun, ended: new Set([...ended, key]) }
  const isOver = (batch: Batch) => batch.every(({ item }) => turns.ended.has(item.planned.key))
  const batch = batches.find((each) => !isOver(each))
  return batch && nextOf(batch, turns)
}

const nameOf = ({ runbook, id }: PlannedStep, of = id): string => `${runbook}/${of}`

/** Says of each which of those before it in its stretch it waits for; of several that wait for each other only the last. */
function withWaits(batch: OpenStep[], bound: ReadonlyMap<string, BoundStep>): Omit<Due, 'chain'>[] {
  const touching = new Map<string, string>()
  const named = new Map<string, string[]>()
  return batch.map((item) => {
    const { planned } = item
    const { key, dependsOn = [], parallel = false } = planned
    const name = nameOf(planned)
    const resources = touched(bound.get(key), planned.apply)
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

/** Says of each how many turns come one after the other from it on. */
function withChains(batch: Omit<Due, 'chain'>[]): Batch {
  const longest = new Map<string, number>()
  const chains = batch.toReversed().map((due) => {
    const chain = 1 + (longest.get(due.item.planned.key) ?? 0)
    for (const key of due.after) longest.set(key, Math.max(chain, longest.get(key) ?? 0))
    return { ...due, chain }
  })
  return chains.reverse()
}
