import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'

/** Returns the bindings of an IAM policy, unchanged. */
export const bindingsOf = (policy: JsonObject): JsonObject[] =>
  (Array.isArray(policy.bindings) ? policy.bindings : []).filter(isJsonObject)

/** Returns a policy in which a member has a role, without a condition. */
export function withMember(policy: JsonObject, role: string, member: string): JsonObject {
  const bindings = bindingsOf(policy)
  const own = bindings.find((binding) => isFor(binding, role))
  if (own && membersOf(own).includes(member)) return policy
  const added: JsonObject = { role, members: [...(own ? membersOf(own) : []), member] }
  return { ...policy, bindings: own ? bindings.map((each) => (each === own ? added : each)) : [...bindings, added] }
}

/** Returns a policy in which a member no longer has a role; undefined if it didn't have it. */
export function withoutMember(policy: JsonObject, role: string, member: string): JsonObject | undefined {
  const bindings = bindingsOf(policy)
  const own = bindings.find((binding) => isFor(binding, role) && membersOf(binding).includes(member))
  if (!own) return undefined
  const members = membersOf(own).filter((each) => each !== member)
  const left = bindings.flatMap((each) => (each !== own ? [each] : members.length > 0 ? [{ ...own, members }] : []))
  const { bindings: _, ...rest } = policy
  return left.length > 0 ? { ...rest, bindings: left } : rest
}

const isFor = (binding: JsonObject, role: string): boolean => binding.role === role && binding.condition === undefined

const membersOf = ({ members }: JsonObject): Json[] => (Array.isArray(members) ? members : [])
