import type { Risk } from '../runbook/types.ts'
import { changesAnything } from '../steps/index.ts'
import type { Plan } from './types.ts'

/** All risks, from the lowest to the highest. */
export const RISKS: Risk[] = ['low', 'medium', 'high']

/** Returns the risk of a plan, the highest of its changes; undefined if it changes nothing. */
export function riskOf({ steps }: Pick<Plan, 'steps'>): Risk | undefined {
  const changes = steps.filter(
    ({ status, apply }) => (status === 'drift' || status === 'unseen') && apply && changesAnything(apply),
  )
  return highest(changes.map(({ risk }) => risk))
}

/** Returns the highest risk; undefined if there is none. */
export const highest = (risks: (Risk | undefined)[]): Risk | undefined => RISKS.findLast((risk) => risks.includes(risk))
