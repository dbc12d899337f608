import { fits } from '../base/key-pattern.ts'
import type { KnownDifference } from '../runbook/inventory.ts'
import type { PlannedStep } from './types.ts'

/** A known difference: the team accepts it until a day, or that day has passed. */
export type Known = KnownDifference & { state: 'known' | 'expired' }

/**
 * Returns the inventory's known difference for a drifted step on a day (`2026-03-31`); the one that lasts longest
 * counts.
 */
export function knownDifference(
  { key, status }: Pick<PlannedStep, 'key' | 'status'>,
  environment: string,
  known: KnownDifference[],
  today: string,
): Known | undefined {
  if (status !== 'drift') return undefined
  const [last] = known
    .filter((each) => each.environment === environment && fits(each.step, key))
    .toSorted((a, b) => b.expires.localeCompare(a.expires))
  return last && { ...last, state: last.expires < today ? 'expired' : 'known' }
}
