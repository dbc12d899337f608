import { RISKS } from '../plan/risk.ts'
import type { Policy } from '../runbook/inventory.ts'
import type { Risk } from '../runbook/types.ts'
import { includesPrincipal } from './verdict.ts'

/** The number of approvals that a group must give. */
export type Requirement = { group: string; needs: number }

/** A group that has given too few approvals. */
export type Lacking = Requirement & { has: number }

/** Returns what a policy requires in these environments: all matching rules apply together, so each group's highest number counts. */
export function requirementsOf(policy: Policy, environments: string[], risk: Risk | undefined): Requirement[] {
  if (risk === undefined) return []
  const needs = new Map<string, number>()
  for (const rule of policy.approvals) {
    const fits = rule.environments?.some((name) => environments.includes(name)) ?? true
    if (!fits || RISKS.indexOf(rule.risk) > RISKS.indexOf(risk)) continue
    for (const [group, count] of Object.entries(rule.from)) needs.set(group, Math.max(count, needs.get(group) ?? 0))
  }
  return [...needs].map(([group, count]) => ({ group, needs: count }))
}

/**
 * Assigns each approver to one group at most, so that as many places are filled as possible. `groupsOf` lists the groups
 * that each approver belongs to.
 */
export function assignGroups(
  requirements: Requirement[],
  groupsOf: string[][],
): { standsFor: (string | undefined)[]; lacking: Lacking[] } {
  const places = requirements.flatMap(({ group, needs }) => Array.from({ length: needs }, () => group))
  const takenBy = new Map<number, number>()
  const seat = (approver: number, tried: Set<number>): boolean =>
    places.some((group, place) => {
      if (tried.has(place) || !groupsOf[approver]?.includes(group)) return false
      tried.add(place)
      const holder = takenBy.get(place)
      if (holder !== undefined && !seat(holder, tried)) return false
      takenBy.set(place, approver)
      return true
    })
  for (const approver of groupsOf.keys()) seat(approver, new Set())
  const standsFor: (string | undefined)[] = groupsOf.map(() => undefined)
  for (const [place, approver] of takenBy) standsFor[approver] = places[place]
  const lacking = requirements
    .map(({ group, needs }) => ({ group, needs, has: standsFor.filter((each) => each === group).length }))
    .filter(({ needs, has }) => has < needs)
  return { standsFor, lacking }
}

/** Returns the groups that somebody belongs to by any of their principals. */
export const groupsOf = ({ approvers }: Policy, principals: string[]): string[] =>
  Object.keys(approvers).filter((group) => approvers[group]?.some((member) => includesPrincipal(principals, member)))

/** Describes what is lacking, within a sentence: "1 more from platform and 2 from security". */
export const describeLacking = (lacking: Lacking[]): string =>
  lacking.map(({ group, needs, has }) => `${needs - has}${has > 0 ? ' more' : ''} from ${group}`).join(' and ')

/** Describes what a policy requires: "approval by 1 from platform and 1 from security". */
export const describeRequirements = (requirements: Requirement[]): string =>
  requirements.length === 0
    ? 'no approval'
    : `approval by ${requirements.map(({ group, needs }) => `${needs} from ${group}`).join(' and ')}`
