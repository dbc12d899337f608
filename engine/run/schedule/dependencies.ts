import type { PlannedStep } from '../../plan/types.ts'
import { isChange } from '../../steps/index.ts'
import { touched } from '../../steps/resource-keys.ts'
import type { BoundStep } from '../../steps/types.ts'
import type { Open } from '../model/course.ts'

/** A step that is due: the keys of those whose turn must have ended before its own begins (of what it needs the latest first: it ends last), and how many turns come one after the other from it on. */
export type Due = { item: Open; after: string[]; chain: number }

/** Open steps that follow one another in the plan and may be changed side by side, as far as none waits for another. A stretch begins when the one before it has ended. */
export type Stretch = Due[]

/** How far the turns of a run have come, by the steps' keys. */
export type Turns = { begun: ReadonlySet<string>; ended: ReadonlySet<string> }

/** Each step when the one before it has ended. */
export const oneByOne = (open: Open[]): Stretch[] => open.map((item) => [{ item, after: [], chain: 1 }])

/**
 * Those together that may be changed side by side (`mayGoBeside`). Of a stretch, a step waits for what it needs and for
 * all that touch the same thing (`touched`).
 */
export function sideBySide(open: Open[], steps: BoundStep[]): Stretch[] {
  const bound = new Map(steps.map((step) => [step.key, step]))
  return stretchesOf(open, ({ planned }) => planned).map((stretch) => withChains(withWaits(stretch, bound)))
}

/** Steps in their order, parted where one comes after all before it. */
export function stretchesOf<T>(items: T[], plannedOf: (item: T) => PlannedStep): T[][] {
  const stretches: T[][] = []
  for (const item of items) {
    const stretch = stretches.at(-1)
    const last = stretch?.at(-1)
    if (stretch && last && mayGoBeside(plannedOf(last), plannedOf(item))) stretch.push(item)
    else stretches.push([item])
  }
  return stretches
}

/** Whether of two steps, one after the other in the plan, neither need wait for the other: repetitions of a step whose runbook says so, or changes that both say what they need. */
function mayGoBeside(one: PlannedStep, other: PlannedStep): boolean {
  if (![one, other].every(({ apply }) => apply && isChange(apply))) return false
  const bothSay = one.needs !== undefined && other.needs !== undefined
  return bothSay || (nameOf(one) === nameOf(other) && other.sideBySide === true)
}

/** Which of a stretch begins now: of those that wait for nothing any more, the one from which on most turns come one after the other. */
export function nextOf(stretch: Stretch, { begun, ended }: Turns): Due | undefined {
  let next: Due | undefined
  for (const due of stretch) {
    if (begun.has(due.item.planned.key) || due.chain <= (next?.chain ?? 0)) continue
    if (due.after.every((key) => ended.has(key))) next = due
  }
  return next
}

/** Which begins once that one has ended too, as far as can be told by now. */
export function followerOf(key: string, stretches: Stretch[], { begun, ended }: Turns): Due | undefined {
  const turns = { begun, ended: new Set([...ended, key]) }
  const isOver = (stretch: Stretch) => stretch.every(({ item }) => turns.ended.has(item.planned.key))
  const stretch = stretches.find((each) => !isOver(each))
  return stretch && nextOf(stretch, turns)
}

const nameOf = ({ runbook, id }: PlannedStep, of = id): string => `${runbook}/${of}`

/** Says of each which of those before it in its stretch it waits for; of several that wait for each other only the last. */
function withWaits(stretch: Open[], bound: ReadonlyMap<string, BoundStep>): Omit<Due, 'chain'>[] {
  const touching = new Map<string, string>()
  const named = new Map<string, string[]>()
  return stretch.map((item) => {
    const { planned } = item
    const { key, needs = [], sideBySide = false } = planned
    const name = nameOf(planned)
    const things = touched(bound.get(key), planned.apply)
    const last = [
      ...things.flatMap((thing) => touching.get(thing) ?? []),
      ...(sideBySide ? [] : (named.get(name) ?? [])),
    ]
    const needed = needs.flatMap((need) => named.get(nameOf(planned, need)) ?? [])
    for (const thing of things) touching.set(thing, key)
    named.set(name, sideBySide ? [...(named.get(name) ?? []), key] : [key])
    return { item, after: [...new Set([...last, ...needed])].reverse() }
  })
}

/** Says of each how many turns come one after the other from it on. */
function withChains(stretch: Omit<Due, 'chain'>[]): Stretch {
  const longest = new Map<string, number>()
  const chains = stretch.toReversed().map((due) => {
    const chain = 1 + (longest.get(due.item.planned.key) ?? 0)
    for (const key of due.after) longest.set(key, Math.max(chain, longest.get(key) ?? 0))
    return { ...due, chain }
  })
  return chains.reverse()
}
