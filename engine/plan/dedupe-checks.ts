import { identityOf } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'

/** Removes checks of several runbooks that ask the same. */
export function dedupeChecks(checks: BoundStep[]): BoundStep[] {
  const kept = new Map<string, BoundStep>()
  for (const check of checks) {
    const name = JSON.stringify([check.title, check.kind, identityOf(check)])
    if (!kept.has(name)) kept.set(name, check)
  }
  return [...kept.values()]
}
