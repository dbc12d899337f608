import { own } from '../base/own.ts'
import { RISKS } from '../plan/risk.ts'
import type { Policy } from '../runbook/inventory.ts'
import type { Risk } from '../runbook/types.ts'
import { addedTo } from './allowed-signers.ts'
import { type Requirement, requirementsOf } from './policy.ts'
import { readPublicKey } from './ssh-signature.ts'

/** The state of a folder in its git repository; `differs` lists files that differ from the commit, `why` says what could not be determined. */
export type Checkout =
  | { state: 'clean'; commit: string }
  | { state: 'changed'; commit: string; differs: string[] }
  | { state: 'not-a-checkout' }
  | { state: 'unknown'; commit?: string; why: string }

/** What a policy requires in one environment, and the lists that identify people. */
export type AppliedPolicy = {
  /** Whether the policy applies; it applies to a rehearsal only on request. */
  applied: boolean
  needs: Record<Risk, Requirement[]>
  approvers: Record<string, string[]>
  /** The digests of the lists that signatures are checked with. */
  checkedWith: Record<string, string>
}

/** The protection of an environment at the moment somebody started or resumed a run. */
export type Protection = {
  protected: boolean
  /** The inventory's digest. */
  inventory: string
  policy: 'none' | AppliedPolicy
  workspace: Checkout
  /** The lifetime of the saved plan, if one was run. */
  planLifetimeMs?: number
  /** Descriptions of what is lower than at the last run there. */
  lowered?: string[]
  /** The entries of approvals that were checked again and counted. */
  approvals?: number[]
}

/** The protection that an earlier run logged; earlier versions logged only whether the environment was protected. */
export type FormerProtection = Pick<Protection, 'protected'> & Partial<Protection>

/** Returns what a policy requires in an environment, in the form that a log stores. */
export function appliedPolicy(
  policy: Policy,
  environment: string,
  applied: boolean,
  checkedWith: Record<string, string>,
): AppliedPolicy {
  const [low, medium, high] = RISKS.map((risk) => requirementsOf(policy, [environment], risk))
  const needs = { low: low ?? [], medium: medium ?? [], high: high ?? [] }
  return { applied, needs, approvers: policy.approvers, checkedWith }
}

/** The available lists of signers and of revoked keys, by digest. */
export type Lists = ReadonlyMap<string, string>

/** Describes each way in which an environment is protected less than before. */
export function loweredSince(was: FormerProtection, is: Protection, lists: Lists): string[] {
  const lowered: string[] = []
  if (was.protected && !is.protected) lowered.push('the environment is no longer protected')
  if (was.policy !== undefined && was.policy !== 'none')
    lowered.push(...(is.policy === 'none' ? ['the policy was removed'] : policyLowered(was.policy, is.policy, lists)))
  if (was.planLifetimeMs !== undefined && (is.planLifetimeMs ?? 0) > was.planLifetimeMs)
    lowered.push(
      `the plan is valid for ${minutes(is.planLifetimeMs ?? 0)}; the last one was valid for ${minutes(was.planLifetimeMs)}`,
    )
  return lowered
}

function policyLowered(was: AppliedPolicy, is: AppliedPolicy, lists: Lists): string[] {
  const lowered: string[] = []
  for (const risk of RISKS)
    for (const { group, needs } of was.needs[risk]) {
      const now = is.needs[risk].find((each) => each.group === group)?.needs ?? 0
      if (now < needs) lowered.push(`a ${risk}-risk change needs ${now} from ${group} instead of ${needs}`)
    }
  for (const [group, members] of Object.entries(is.approvers)) {
    const added = members.filter((member) => !(own(was.approvers, group) ?? []).includes(member))
    if (added.length > 0) lowered.push(`${group} has more approvers: ${added.join(', ')}`)
  }
  return is.applied ? [...lowered, ...listsLowered(was.checkedWith, is.checkedWith, lists)] : lowered
}

type Digests = AppliedPolicy['checkedWith']

function listsLowered(was: Digests, is: Digests, lists: Lists): string[] {
  const text = (digest: string | undefined) => (digest === undefined ? undefined : lists.get(digest))
  const lowered: string[] = []
  if (was.allowedSigners !== undefined && was.allowedSigners !== is.allowedSigners) {
    const [before, now] = [text(was.allowedSigners), text(is.allowedSigners)]
    const added = before === undefined || now === undefined ? undefined : addedTo(before, now)
    if (added === undefined) lowered.push('the allowed signers changed')
    else if (added.length > 0)
      lowered.push(
        `more people may sign: ${added.map(({ principals, key }) => `${principals.join(',')} (key ${key})`).join(', ')}`,
      )
  }
  if (was.revokedKeys !== undefined && was.revokedKeys !== is.revokedKeys) {
    const [before, now] = [text(was.revokedKeys), text(is.revokedKeys)]
    if (is.revokedKeys === undefined) lowered.push('the list of revoked keys was removed')
    else if (before === undefined || now === undefined || !keysOf(before).every((key) => keysOf(now).includes(key)))
      lowered.push('some keys are no longer revoked')
  }
  return lowered
}

/** Returns the fingerprints in a list of keys; a binary list, which can't be read here, is returned as it is. */
function keysOf(list: string): string[] {
  if (list.startsWith('SSHKRL')) return [list]
  return list.split(/\r?\n/).flatMap((line) => readPublicKey(line)?.fingerprint ?? [])
}

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} minutes`

/** Describes which policy applied, in a sentence. */
export function describePolicy({ policy, protected: guarded, inventory }: Protection): string {
  const where = `according to the inventory (${inventory}), the environment was ${guarded ? '' : 'not '}protected`
  if (policy === 'none') return `No policy applied: ${where}, and the inventory had no policy`
  return policy.applied
    ? `The policy applied: ${where}`
    : `The policy was not applied because this was a rehearsal without --policy: ${where}`
}

/** Describes the state of a workspace's checkout, in a sentence. */
export function describeCheckout(workspace: Checkout): string {
  switch (workspace.state) {
    case 'clean':
      return `The workspace was at commit ${workspace.commit}, and its runbooks matched that commit`
    case 'changed':
      return `The workspace was at commit ${workspace.commit}, and these files differed from it: ${workspace.differs.join(', ')}`
    case 'not-a-checkout':
      return 'The workspace was not a git checkout'
    case 'unknown':
      return `It is unknown whether the workspace matched its commit: ${workspace.why}${workspace.commit === undefined ? '' : ` (commit ${workspace.commit})`}`
  }
}
