import { changesOf } from './step-kinds.ts'
import type { Runbook } from './types.ts'

/** Returns whether a runbook has a step that changes something; others are gates, which are only observed. */
export const changesSomething = ({ steps }: Pick<Runbook, 'steps'>): boolean =>
  steps.some((step) => changesOf(step) !== 'nothing')
