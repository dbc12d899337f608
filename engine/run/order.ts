import { isChange } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import type { Open } from './loop.ts'

/** A step that is due: the keys of those whose turn must have ended before its own begins, and how many turns come one after the other from it on. */
export type Due = { item: Open; after: string[]; chain: number }

/** Open steps that follow one another in the plan and may be changed side by side, as far as none waits for another. A stretch begins when the one before it has ended. */
export type Stretch = Due[]

/** How far the turns of a run have come, by the steps' keys. */
export type Turns = { begun: ReadonlySet<string>; ended: ReadonlySet<string> }

/** Each step when the one before it has ended. */
export const oneByOne = (open: Open[]): Stretch[] => open.map((item) => [{ item, after: [], chain: 1 }])

/**
 * Those together that may be changed side by side: repetitions of a step whose runbook says so (`sideBySide`), and steps
 * that all say which they need (`needs`). Of those, one waits for what it needs and for all that read the same thing.
 */
export function sideBySide(open: Open[], steps: BoundStep[]): Stretch[] {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const stretches: Candidate[][] = []
  for (const item of open) {
    const next = candidateOf(item, bound.get(item.planned.key))
    const last = stretches.at(-1)?.at(-1)
    if (last && mayJoin(last, next)) stretches.at(-1)?.push(next)
    else stretches.push([next])
  }
  const needs = needsOf(steps)
  return stretches.map((stretch) =>
    withChains(stretch.map((one, place) => ({ item: one.item, after: waitsFor(one, stretch.slice(0, place), needs) }))),
  )
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

type Candidate = { item: Open; step: BoundStep | undefined; reads: string[] }

const candidateOf = (item: Open, step: BoundStep | undefined): Candidate => {
  const changes = item.planned.apply !== undefined && isChange(item.planned.apply)
  return { item, step, reads: step && changes ? readsOf(step) : [] }
}

/** Only changes go together of which it is known what they read. */
function mayJoin(last: Candidate, next: Candidate): boolean {
  if (last.reads.length === 0 || next.reads.length === 0) return false
  const both = last.step?.needs !== undefined && next.step?.needs !== undefined
  return both || (isRepetition(last, next) && next.step?.sideBySide === true)
}

/** The keys of those before it in its stretch that a step waits for. */
function waitsFor(next: Candidate, before: Candidate[], needs: Needs): string[] {
  const reads = new Set(next.reads)
  const needed = needs(next)
  const waits = (other: Candidate): boolean =>
    needed.has(nameOf(other)) ||
    (isRepetition(other, next) && next.step?.sideBySide !== true) ||
    other.reads.some((read) => reads.has(read))
  return before.filter(waits).map(({ item }) => item.planned.key)
}

const nameOf = ({ item: { planned } }: Candidate): string => `${planned.runbook}/${planned.id}`

const isRepetition = (one: Candidate, other: Candidate): boolean => nameOf(one) === nameOf(other)

/** The names of all steps that a step needs, and that those need in turn, whether they are open or not. */
type Needs = (step: Candidate) => ReadonlySet<string>

function needsOf(steps: BoundStep[]): Needs {
  const direct = new Map(
    steps.map(({ runbook, id, needs = [] }) => [`${runbook}/${id}`, needs.map((need) => `${runbook}/${need}`)]),
  )
  const known = new Map<string, Set<string>>()
  return (step) => {
    const name = nameOf(step)
    const all = known.get(name) ?? new Set(direct.get(name))
    // A set that grows while it is gone through is gone through to its new end.
    for (const each of all) for (const need of direct.get(each) ?? []) all.add(need)
    known.set(name, all)
    return all
  }
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

/** What a step looks at, by which it can be told from others; nothing of one that has no such thing. */
function readsOf(step: BoundStep): string[] {
  switch (step.kind) {
    case 'gcloud':
      return step.reads.map(({ command: { project, argv } }) => JSON.stringify([project, ...argv]))
    case 'secret':
      return [JSON.stringify([step.project, step.secret])]
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
    case 'manual':
    case 'wait':
    case 'approve':
    case 'undo':
      return []
  }
}
