import { own } from '../base/own.ts'
import { UserError } from '../base/problem.ts'
import { suggestName } from '../base/suggest.ts'
import type { Environment, Inventory } from '../runbook/inventory.ts'

/** Returns an environment by name. Throws UserError with the names that exist. */
export function pickEnvironment(inventory: Inventory, name: string): Environment {
  refuseUnknownEnvironments(inventory, [name])
  return own(inventory.environments, name) as Environment
}

/** Refuses environments that the inventory doesn't have, naming all of them. Throws UserError. */
export function refuseUnknownEnvironments({ environments }: Inventory, names: string[]): void {
  const unknown = names.filter((name) => own(environments, name) === undefined)
  if (unknown.length === 0) return
  const known = Object.keys(environments)
  const meant = unknown.length === 1 ? suggestName(unknown[0] ?? '', known) : undefined
  throw new UserError(
    `the inventory has no environment ${unknown.map((name) => `\`${name}\``).join(', ')}`,
    `${meant === undefined ? '' : `did you mean \`${meant}\`? `}it has: ${known.join(', ')}`,
  )
}
