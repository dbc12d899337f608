/** The number of evaluation steps that are left; about ten million take a second. */
export type Budget = { left: number; readonly steps: number }

/** Reports an evaluation that exceeds its budget. */
export class BudgetError extends Error {}

/** The most steps that the expressions of a binding or an observation may take together. */
export const MOST_STEPS = 5_000_000

/** Creates a full budget. */
export const newBudget = (steps = MOST_STEPS): Budget => ({ left: steps, steps })

/** Spends steps of a budget; throws BudgetError if there are not enough left. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps
  if (!(budget.left >= 0)) throw new BudgetError(`it takes more than ${budget.steps.toLocaleString('en')} steps`)
}
