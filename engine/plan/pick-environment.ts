import type { Environment, Inventory } from '../runbook/inventory-types.ts'
import { Problem } from '../runbook/problem.ts'

/** The environment of that name; throws Problem with the names there are. */
export function pickEnvironment(inventory: Inventory, name: string): Environment {
  const environment = Object.hasOwn(inventory.environments, name) ? inventory.environments[name] : undefined
  if (environment) return environment
  throw new Problem(
    `the inventory has no environment \`${name}\``,
    `it has: ${Object.keys(inventory.environments).join(', ')}`,
  )
}
