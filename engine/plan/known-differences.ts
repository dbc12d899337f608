import { fits } from '../base/key-pattern.ts'
import type { KnownDifference } from '../runbook/inventory.ts'
import type { PlannedStep } from './types.ts'

/** What the team says of a difference: it is known until a day, or that day is over. */
export type Known = KnownDifference & { state: 'known' | 'expired' }

/** What the inventory says of a drifted step in an environment on a day (`2026-03-31`); what lasts longest counts. */
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
