import { createHash } from 'node:crypto'
import { isJsonObject, type Json, type JsonObject, sameJson } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { ConcurrentWrite } from '../model/fault.ts'
import { etag, type Random } from '../model/identifiers.ts'
import type { Binding, Policy, Project, World } from '../model/world.ts'
import { missingAccount } from './service-accounts.ts'

/** The etag that IAM gives to a policy that was never set. */
const unsetEtag = 'ACAB'

/** Returns the policy of a resource on which none was set. */
export const unsetPolicy = (): Policy => ({ version: 1, etag: unsetEtag, bindings: [] })

/** Returns a new policy with these bindings. */
export const newPolicy = (random: Random, bindings: Binding[]): Policy => ({
  version: bindings.some(({ condition }) => condition) ? 3 : 1,
  etag: etag(random),
  bindings: normalBindings(bindings),
})

/** Returns a policy as getIamPolicy does; below version 3, conditional roles appear under a substitute name. */
export function policyJson(policy: Policy, requestedVersion: number): JsonObject {
  const full = requestedVersion >= 3
  const bindings = policy.bindings.map(({ role, members, condition }): JsonObject => {
    if (condition === undefined) return { role, members: [...members] }
    if (full) return { role, members: [...members], condition }
    const hash = createHash('sha256').update(JSON.stringify(condition)).digest('hex').slice(0, 20)
    return { role: `${role}_withcond_${hash}`, members: [...members] }
  })
  return {
    version: full ? policy.version : 1,
    etag: policy.etag,
    ...(bindings.length > 0 && { bindings }),
  }
}

/** Returns the version that a getIamPolicy call requests in its body or query; defaults to 1. */
export function requestedVersion(body: JsonObject, query: URLSearchParams): number {
  const options = isJsonObject(body.options) ? body.options.requestedPolicyVersion : undefined
  return Number(options ?? query.get('options.requestedPolicyVersion') ?? 1)
}

/** Returns the policy after a setIamPolicy call; refuses a missing policy, a stale etag, an unknown member, and conditions below version 3. */
export function replacedPolicy(world: World, current: Policy, body: JsonObject): Policy {
  const given = isJsonObject(body.policy) ? body.policy : refuse(400, 'Policy is required.')
  const fields = maskOf(body)
  if (![undefined, 0, 1, 3].some((version) => version === given.version))
    refuse(400, `Invalid policy version ${given.version}. Valid values are 0, 1 and 3.`)
  if (typeof given.etag === 'string' && given.etag !== '' && !sameBytes(given.etag, current.etag))
    refuse(
      409,
      'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    )
  if (!fields.includes('bindings')) return newPolicy(world.random, current.bindings)
  const bindings = (Array.isArray(given.bindings) ? given.bindings : []).map(bindingFrom)
  if (bindings.some(({ condition }) => condition) && given.version !== 3)
    refuse(400, `Policies with conditional role bindings must have version 3; this policy has ${given.version ?? 0}.`)
  const missing = bindings.flatMap(({ members }) => members).find((member) => missingAccount(world, member))
  if (missing) refuse(400, `Service account ${missing.slice('serviceAccount:'.length)} does not exist.`)
  return newPolicy(world.random, bindings)
}

const policyFields = ['version', 'bindings', 'auditConfigs', 'etag']

/** Returns the fields that a setIamPolicy call replaces: those of its mask, or `bindings` and `etag`. */
function maskOf({ updateMask }: JsonObject): string[] {
  const fields = typeof updateMask === 'string' && updateMask !== '' ? updateMask.split(',') : ['bindings', 'etag']
  const unknown = fields.find((field) => !policyFields.includes(field.replace('audit_configs', 'auditConfigs')))
  return unknown === undefined ? fields : refuse(400, `Invalid update mask: a policy has no field ${unknown}.`)
}

/** Returns the policy in effect now; the one written last may take effect only later. */
export const policyInEffect = ({ policy, policyBefore }: Project, now: number): Policy =>
  policyBefore !== undefined && now < policyBefore.until ? policyBefore.policy : policy

/** Returns a policy after a service account is deleted: IAM keeps its members under a `deleted:` name. */
export function policyWithoutAccount(policy: Policy, email: string, uniqueId: string): Policy {
  const rename = (member: string) =>
    member === `serviceAccount:${email}` ? `deleted:serviceAccount:${email}?uid=${uniqueId}` : member
  return {
    ...policy,
    bindings: policy.bindings.map((binding) => ({ ...binding, members: binding.members.map(rename) })),
  }
}

/** Returns whether a policy grants a member a role without a condition. */
export const grants = (policy: Policy, role: string, member: string): boolean =>
  policy.bindings.some((binding) => binding.role === role && !binding.condition && binding.members.includes(member))

/** Returns a policy after a concurrent writer's change. */
export function concurrentPolicy({ random }: World, policy: Policy, { bind, unbind }: ConcurrentWrite): Policy {
  const usual = { role: 'roles/browser', members: ['user:concurrent-writer@example.com'] }
  const added = bind ?? (unbind === undefined ? [usual] : [])
  const isGone = (binding: Binding, member: string) =>
    (unbind ?? []).some(({ role, members }) => role === binding.role && members.includes(member))
  const left = policy.bindings.map((binding) => ({
    ...binding,
    members: binding.members.filter((member) => !isGone(binding, member)),
  }))
  return newPolicy(random, [...left, ...added])
}

/** Returns a policy for comparison before and after. */
export const policyState = ({ version, etag, bindings }: Policy): JsonObject => ({
  version,
  etag,
  bindings: bindings.map(({ role, members, condition }) => ({ role, members, ...(condition && { condition }) })),
})

const memberForm =
  /^(allUsers|allAuthenticatedUsers|(deleted:)?(user|serviceAccount|group|domain|principal|principalSet|projectOwner|projectEditor|projectViewer):.+)$/

function bindingFrom(value: Json): Binding {
  if (!isJsonObject(value) || typeof value.role !== 'string' || value.role === '')
    refuse(400, 'Role name must be in the format roles/{role}.')
  const members = (Array.isArray(value.members) ? value.members : []).map(String)
  const malformed = members.find((member) => !memberForm.test(member))
  if (malformed !== undefined) refuse(400, `The member ${malformed} is of an unknown type.`)
  return { role: value.role, members, ...(isJsonObject(value.condition) && { condition: value.condition }) }
}

function normalBindings(bindings: Binding[]): Binding[] {
  const merged: Binding[] = []
  for (const { role, members, condition } of bindings) {
    const same = merged.find((other) => other.role === role && sameJson(other.condition, condition))
    if (same) same.members = [...new Set([...same.members, ...members])].sort()
    else merged.push({ role, members: [...new Set(members)].sort(), ...(condition && { condition }) })
  }
  return merged
    .filter(({ members }) => members.length > 0)
    .sort((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0))
}

/** Compares etags as bytes: clients may send them in either base64 alphabet. */
const sameBytes = (a: string, b: string): boolean => Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'))
