import { boundDigests, changesInBinding, changesInDigests } from '../plan/bound-changes.ts'
import type { PlanChange } from '../plan/changes.ts'
import type { Plan, PlanSource } from '../plan/types.ts'
import type { BoundStep } from '../steps/types.ts'
import { planHead, type Ready } from './prepare.ts'
import { sourcesOf } from './sources.ts'

/** What a log or a saved plan says of what a plan was made from. */
export type SaidOfBinding = { sources: PlanSource[]; bound?: Record<string, string> }

/**
 * All in which what is bound now differs from what a log or a saved plan says: the very files that were read, what each
 * step is bound to, and the plan itself. Nothing is observed for that, and no script runs.
 */
export function changesFromBinding(said: SaidOfBinding, plan: Plan | undefined, ready: Ready): PlanChange[] {
  const files = sourceChanges(said.sources, sourcesOf(ready))
  if (files.length > 0) return files
  const changes = plan === undefined ? [] : changesInBinding(plan, planHead(ready), ready.steps)
  if (changes.length > 0 || said.bound === undefined) return changes
  return changesInDigests(said.bound, boundDigests(boundSteps(ready)))
}

/** Every step and check that is bound, as a log or a saved plan says it. */
export const boundSteps = ({ steps, checks }: Pick<Ready, 'steps' | 'checks'>): BoundStep[] => [...steps, ...checks]

/** What was read must be what was named, file by file: a path may be another here, and a text may not. */
function sourceChanges(was: PlanSource[], is: PlanSource[]): PlanChange[] {
  const nameOf = ({ what, name }: PlanSource) => `${what} ${name}`
  const names = [...new Set([...was, ...is].map(nameOf))]
  const digestsOf = (sources: PlanSource[], name: string) =>
    sources.flatMap((each) => (nameOf(each) === name ? [each.digest] : [])).join(' ') || 'not there'
  return names.flatMap((name) => {
    const [before, now] = [digestsOf(was, name), digestsOf(is, name)]
    return before === now ? [] : [{ what: name, was: before, is: now }]
  })
}
