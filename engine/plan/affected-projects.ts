import type { Environment, Inventory } from '../runbook/inventory.ts'
import { reachOf } from '../steps/index.ts'
import { join } from '../steps/target-projects.ts'
import type { BoundStep } from '../steps/types.ts'
import type { Plan, Reached } from './types.ts'

/**
 * What the changes of steps reach beside their environment, in a fixed order. What is more than one project, or can't be
 * told, may be about any environment of the inventory, so it counts as reaching them all.
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

/** The names of the environments that a plan's changes reach: its own and others. */
export const environmentsOf = ({ environment, reaches = [] }: Pick<Plan, 'environment' | 'reaches'>): string[] => [
  environment.name,
  ...reaches.flatMap(({ environment: name }) => (name === undefined ? [] : [name])),
]

/** The protected environments that a plan's changes reach, its own first: each is entered by name. */
export const protectedAmong = ({
  environment,
  reaches = [],
}: Pick<Plan, 'environment' | 'reaches'>): Plan['environment'][] => [
  ...(environment.protected ? [environment] : []),
  ...reaches.flatMap(({ project, environment: name, protected: isProtected }) =>
    isProtected && name !== undefined ? [{ name, project, protected: true }] : [],
  ),
]

/** Every project that a plan's changes reach, by which it is locked, in a fixed order: two runs can't wait for each other. */
export const projectsOf = ({ environment, reaches = [] }: Pick<Plan, 'environment' | 'reaches'>): string[] =>
  [...new Set([environment.project, ...reaches.map(({ project }) => project)])].sort()
