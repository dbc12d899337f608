import type { Risk } from '../runbook/types.ts'
import type { Plan } from './types.ts'

/** All risks, from the lowest to the highest. */
export const RISKS: Risk[] = ['low', 'medium', 'high']

/** The risk of a plan: the highest of its changes; undefined where it changes nothing. */
export function riskOf({ steps }: Pick<Plan, 'steps'>): Risk | undefined {
  const risks = steps.filter(({ status, apply }) => status === 'drift' && apply).map(({ risk }) => risk)
  return RISKS.findLast((risk) => risks.includes(risk))
}
