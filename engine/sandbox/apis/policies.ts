import type { JsonObject } from '../../base/json.ts'
import { type Answer, errorAnswer, jsonAnswer } from '../model/answer.ts'
import type { ShapeCall } from './shape-call.ts'
import { canonical, keyOf, type ShapeStore } from './store.ts'

/** Returns a resource's IAM policy; one that was never set has only an etag. */
export const policyAt = (store: ShapeStore, call: ShapeCall, name: string): Answer =>
  jsonAnswer(store.policies.get(keyOf(call, name)) ?? { etag: 'ACAB' })

/** Sets a resource's IAM policy; answers 409 if it has changed since the caller read it. */
export function setPolicy(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const given = (call.body.policy ?? call.body) as JsonObject
  const there = store.policies.get(keyOf(call, name))
  if (typeof given.etag === 'string' && there && there.etag !== given.etag)
    return errorAnswer(
      409,
      'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    )
  const bindings = Array.isArray(given.bindings) ? given.bindings : []
  const policy = {
    ...given,
    version: typeof given.version === 'number' ? given.version : 1,
    etag: Buffer.from(call.random(8)).toString('base64'),
    ...(bindings.length > 0 ? { bindings } : {}),
  }
  store.policies.set(keyOf(call, name), policy)
  return jsonAnswer(policy as JsonObject)
}

/** Returns the permissions that a caller asks about: in the sandbox it has all. */
export function testPermissions({ body, query }: ShapeCall): Answer {
  const asked = Array.isArray(body.permissions) ? body.permissions : query.getAll('permissions')
  return jsonAnswer(asked.length === 0 ? {} : { permissions: asked })
}

/** Forgets the policies of a deleted resource that the sandbox simulates itself, and of what was below it. */
export function forgetPolicies({ policies }: ShapeStore, api: string, name: string): void {
  const key = `${api}/${canonical(name)}`
  for (const each of [...policies.keys()]) if (each === key || each.startsWith(`${key}/`)) policies.delete(each)
}
