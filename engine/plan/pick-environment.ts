import type { Environment, Inventory } from '../runbook/inventory-types.ts'
import { own } from '../runbook/own.ts'
import { Problem } from '../runbook/problem.ts'

/** The environment of that name; throws Problem with the names there are. */
export function pickEnvironment(inventory: Inventory, name: string): Environment {
  const environment = own(inventory.environments, name)
  if (environment) return environment
  throw new Problem(
    `the inventory has no environment \`${name}\``,
    `it has: ${Object.keys(inventory.environments).join(', ')}`,
  )
}
