import { createHash } from 'node:crypto'
import { relative, resolve } from 'node:path'
import { readRegular } from '../../disk/regular-file.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { boundDigests, changesInBinding, changesInDigests } from '../../plan/bound-changes.ts'
import type { PlanChange } from '../../plan/changes.ts'
import type { Plan, PlanSource } from '../../plan/types.ts'
import type { BoundStep } from '../../steps/types.ts'
import { planHead, type Ready } from './prepare.ts'
import { sourcesOf } from './sources.ts'

/** What a log or a saved plan says that a plan was made from. */
export type SaidOfBinding = { sources: PlanSource[]; bound?: Record<string, string> }

/**
 * Returns every difference between what is bound now and what a log or a saved plan says: the files that were read, what each
 * step is bound to, and the plan itself. It observes nothing and runs no script.
 */
export function changesFromBinding(said: SaidOfBinding, plan: Plan | undefined, ready: Ready): PlanChange[] {
  const files = sourceChanges(said.sources, sourcesOf(ready))
  if (files.length > 0) return files
  const changes = plan === undefined ? [] : changesInBinding(plan, planHead(ready), ready.steps)
  if (changes.length > 0 || said.bound === undefined) return changes
  return changesInDigests(said.bound, digestsOfBound(ready))
}

/** Returns what each step and check is bound to, as digests for a log or a saved plan, with the workspace files of its scripts. */
export function digestsOfBound({
  steps,
  checks,
  workspace,
}: Pick<Ready, 'steps' | 'checks' | 'workspace'>): Record<string, string> {
  const bound = [...steps, ...checks]
  return { ...boundDigests(bound), ...Object.fromEntries(bound.flatMap((step) => scriptFiles(step, workspace))) }
}

/** Returns the workspace files that the arguments of a script name, each with its digest: a changed script is another script. */
function scriptFiles(step: BoundStep, workspace: Workspace): [string, string][] {
  if (step.kind === 'gate') return step.steps.flatMap((each) => scriptFiles(each, workspace))
  if (step.kind !== 'script') return []
  return step.argv.flatMap((word): [string, string][] => {
    const path = relative(workspace.root, resolve(workspace.root, word))
    if (path === '' || path.startsWith('..')) return []
    try {
      const digest = createHash('sha256')
        .update(readRegular(resolve(workspace.root, path)))
        .digest('hex')
      return [[`the script's file ${path}`, `sha256:${digest}`]]
    } catch {
      return []
    }
  })
}

/** Compares the files that were read with those that are named: a path may be different here, a text may not. */
function sourceChanges(was: PlanSource[], is: PlanSource[]): PlanChange[] {
  const nameOf = ({ what, name }: PlanSource) => `${what} ${name}`
  const names = [...new Set([...was, ...is].map(nameOf))]
  const digestsOf = (sources: PlanSource[], name: string) =>
    sources.flatMap((each) => (nameOf(each) === name ? [each.digest] : [])).join(' ') || 'missing'
  return names.flatMap((name) => {
    const [before, now] = [digestsOf(was, name), digestsOf(is, name)]
    return before === now ? [] : [{ what: name, was: before, is: now }]
  })
}
