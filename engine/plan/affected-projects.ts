import type { Environment, Inventory } from '../runbook/inventory.ts'
import { reachOf } from '../steps/index.ts'
import { join } from '../steps/target-projects.ts'
import type { BoundStep } from '../steps/types.ts'
import type { Plan, Reached } from './types.ts'

/**
 * Returns what changes affect besides their environment, in a fixed order. What is more than one project, or unknown,
 * may belong to any environment, so it counts as affecting them all.
 */
export function reachedBy(steps: BoundStep[], { environments }: Inventory, own: Environment): Reached[] {
  const { projects, beyond } = join(...steps.map(reachOf))
  if (projects.length === 0 && beyond.length === 0) return []
  const all = Object.values(environments)
  const others = all.filter(
    ({ name, project }) =>
      name !== own.name && (project === own.project || projects.includes(project) || beyond.length > 0),
  )
  const unnamed = projects.filter((id) => id !== own.project && !all.some(({ project }) => project === id))
  return [
    ...others.map(({ name, project, protected: isProtected }) => ({
      project,
      environment: name,
      protected: isProtected,
    })),
    ...[...unnamed, ...beyond].map((project) => ({ project, protected: false })),
  ]
}

/** Returns the names of the environments that a plan affects: its own and others. */
export const environmentsOf = ({ environment, reaches = [] }: Pick<Plan, 'environment' | 'reaches'>): string[] => [
  environment.name,
  ...reaches.flatMap(({ environment: name }) => (name === undefined ? [] : [name])),
]

/** Returns the protected environments that a plan affects, its own first: each must be confirmed by name. */
export const protectedAmong = ({
  environment,
  reaches = [],
}: Pick<Plan, 'environment' | 'reaches'>): Plan['environment'][] => [
  ...(environment.protected ? [environment] : []),
  ...reaches.flatMap(({ project, environment: name, protected: isProtected }) =>
    isProtected && name !== undefined ? [{ name, project, protected: true }] : [],
  ),
]

/**
 * Returns every project that a plan affects, sorted, to lock them in an order in which two runs can't wait for each
 * other.
 */
export const projectsOf = ({ environment, reaches = [] }: Pick<Plan, 'environment' | 'reaches'>): string[] =>
  [...new Set([environment.project, ...reaches.map(({ project }) => project)])].sort()
