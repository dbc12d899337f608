/** What evaluating may still cost, in steps: about ten million of them take a second. */
export type Budget = { left: number; readonly steps: number }

/** An evaluation that would take more steps than it may. */
export class BudgetError extends Error {}

/** How many steps all expressions of one binding, or of one observation, may take together. */
export const MOST_STEPS = 5_000_000

/** A full budget. */
export const newBudget = (steps = MOST_STEPS): Budget => ({ left: steps, steps })

/** Takes steps off a budget; throws BudgetError where there are not so many left. */
export function spend(budget: Budget, steps: number): void {
  budget.left -= steps
  if (!(budget.left >= 0)) throw new BudgetError(`it takes more than ${budget.steps.toLocaleString('en')} steps`)
}
