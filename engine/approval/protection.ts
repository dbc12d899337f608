import { own } from '../base/own.ts'
import { RISKS } from '../plan/risk.ts'
import type { Policy } from '../runbook/inventory.ts'
import type { Risk } from '../runbook/types.ts'
import { addedTo } from './allowed-signers.ts'
import { type Requirement, requirementsOf } from './policy.ts'
import { readPublicKey } from './ssh-signature.ts'

/** How a folder stands to its git repository; `differs` names files that are not as the commit has them, `why` what could not be found out. */
export type Checkout =
  | { state: 'clean'; commit: string }
  | { state: 'changed'; commit: string; differs: string[] }
  | { state: 'not-a-checkout' }
  | { state: 'unknown'; commit?: string; why: string }

/** What a policy asks for in one environment, and by which lists people are known. */
export type AppliedPolicy = {
  /** A rehearsal is held to it only where it is asked for. */
  applied: boolean
  needs: Record<Risk, Requirement[]>
  approvers: Record<string, string[]>
  /** The digests of the lists that signatures are checked with. */
  checkedWith: Record<string, string>
}

/** What protected an environment when somebody began or went on with a run, as it was found then. */
export type Protection = {
  protected: boolean
  /** The inventory's digest. */
  inventory: string
  policy: 'none' | AppliedPolicy
  workspace: Checkout
  /** How long the saved plan was good for, where one was carried out. */
  planLifetimeMs?: number
  /** What of it was less than at the last run there, in words. */
  lowered?: string[]
  /** The entries of approvals that were checked again and counted. */
  approvals?: number[]
}

/** What an earlier run says of the protection; one of an earlier version says only whether the environment was protected. */
export type FormerProtection = Pick<Protection, 'protected'> & Partial<Protection>

/** Returns what a policy asks for in an environment, as a log keeps it. */
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

/** Texts of lists of signers and of revoked keys, by their digests, as far as they are there. */
export type Lists = ReadonlyMap<string, string>

/** Returns each way in which an environment is protected less than it was, in words. */
export function loweredSince(was: FormerProtection, is: Protection, lists: Lists): string[] {
  const lowered: string[] = []
  if (was.protected && !is.protected) lowered.push('the environment is no longer protected')
  if (was.policy !== undefined && was.policy !== 'none')
    lowered.push(...(is.policy === 'none' ? ['the policy is gone'] : policyLowered(was.policy, is.policy, lists)))
  if (was.planLifetimeMs !== undefined && (is.planLifetimeMs ?? 0) > was.planLifetimeMs)
    lowered.push(
      `the plan is good for ${minutes(is.planLifetimeMs ?? 0)}, and the last was for ${minutes(was.planLifetimeMs)}`,
    )
  return lowered
}

function policyLowered(was: AppliedPolicy, is: AppliedPolicy, lists: Lists): string[] {
  const lowered: string[] = []
  for (const risk of RISKS)
    for (const { group, needs } of was.needs[risk]) {
      const now = is.needs[risk].find((each) => each.group === group)?.needs ?? 0
      if (now < needs) lowered.push(`a change of ${risk} risk needs ${now} of ${group}, and needed ${needs}`)
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
    if (added === undefined) lowered.push('the allowed signers are others')
    else if (added.length > 0)
      lowered.push(
        `more may sign: ${added.map(({ principals, key }) => `${principals.join(',')} (key ${key})`).join(', ')}`,
      )
  }
  if (was.revokedKeys !== undefined && was.revokedKeys !== is.revokedKeys) {
    const [before, now] = [text(was.revokedKeys), text(is.revokedKeys)]
    if (is.revokedKeys === undefined) lowered.push('the revoked keys are gone')
    else if (before === undefined || now === undefined || !keysOf(before).every((key) => keysOf(now).includes(key)))
      lowered.push('keys are no longer revoked')
  }
  return lowered
}

/** The fingerprints of a list of keys; of a binary list, which can't be read here, the text as it is. */
function keysOf(list: string): string[] {
  if (list.startsWith('SSHKRL')) return [list]
  return list.split(/\r?\n/).flatMap((line) => readPublicKey(line)?.fingerprint ?? [])
}

const minutes = (ms: number): string => `${Math.round(ms / 60_000)} minutes`

/** Returns which policy applied, in a sentence. */
export function describePolicy({ policy, protected: guarded, inventory }: Protection): string {
  const where = `by the inventory with ${inventory}, the environment was ${guarded ? '' : 'not '}protected`
  if (policy === 'none') return `No policy applied: ${where}, and the inventory had no policy`
  return policy.applied
    ? `The policy applied: ${where}`
    : `The policy was not applied, since this was a rehearsal without --policy: ${where}`
}

/** Returns how a workspace stood to its repository, in a sentence. */
export function describeCheckout(workspace: Checkout): string {
  switch (workspace.state) {
    case 'clean':
      return `The workspace was at commit ${workspace.commit}, and its runbooks were as committed`
    case 'changed':
      return `The workspace was at commit ${workspace.commit}, and not as committed: ${workspace.differs.join(', ')}`
    case 'not-a-checkout':
      return 'The workspace was not a git checkout'
    case 'unknown':
      return `Whether the workspace was as committed is unknown: ${workspace.why}${workspace.commit === undefined ? '' : ` (commit ${workspace.commit})`}`
  }
}
