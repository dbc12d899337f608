import type { Budget } from '../runbook/expressions/budget.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import type { Environment, Inventory } from '../runbook/inventory.ts'
import type { Runbook } from '../runbook/types.ts'
import type { BoundCommon, BoundStep } from '../steps/types.ts'

/** What a step is bound to. */
export type Context = {
  runbook: Runbook
  inventory: Inventory
  environment: Environment
  gates: Gates
  budget: Budget
  variables: Variables
}

/** The members that only one kind of step has. */
export type Own<T extends BoundStep> = T extends BoundStep ? Omit<T, keyof BoundCommon> : never

/** The runbooks that gates use, by name. */
export type Gates = ReadonlyMap<string, Runbook>
