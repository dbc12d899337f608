import { json } from 'node:stream/consumers'
import { isJsonObject, type Json } from '../../base/json.ts'
import { send, troubleOf, type Way } from '../../http/send.ts'
import type { SecretBytes } from '../../steps/secrets/secret-bytes.ts'
import type { PermissionAnswer } from './project.ts'

/** Returns the Resource Manager path that tests the caller's permissions on a project, in any world. */
export const permissionsPath = (project: string): string =>
  `/v1/projects/${encodeURIComponent(project)}:testIamPermissions`

/** Asks the real Resource Manager. Follows no redirects, so that the token goes nowhere else. */
export async function testPermissions(
  token: SecretBytes,
  project: string,
  permissions: string[],
  way: Way,
): Promise<PermissionAnswer> {
  const headers = {
    'content-type': 'application/json',
    authorization: token.lend((bytes) => `Bearer ${Buffer.from(bytes).toString('latin1')}`),
  }
  const request = { method: 'POST', headers, body: JSON.stringify({ permissions }), timeoutMs: 15_000 } as const
  try {
    const response = await send(`https://cloudresourcemanager.googleapis.com${permissionsPath(project)}`, request, way)
    return readPermissions(response.statusCode ?? 0, (await json(response).catch(() => null)) as Json)
  } catch (error) {
    return { failed: troubleOf(error).failed }
  }
}

/** Reads the answer: the granted permissions, or Google's own error message. */
export function readPermissions(status: number, json: Json): PermissionAnswer {
  const body = isJsonObject(json) ? json : {}
  const error = isJsonObject(body.error) ? body.error : {}
  const granted = Array.isArray(body.permissions) ? body.permissions.filter((name) => typeof name === 'string') : []
  return { status, granted, message: String(error.message ?? '').slice(0, 300) }
}

/** Returns the Date header of a URL's answer. */
export async function dateOf(url: string, way: Way): Promise<{ date?: string } | { failed: string }> {
  try {
    const response = await send(url, { timeoutMs: 10_000 }, way)
    response.destroy()
    const { date } = response.headers
    return date === undefined ? {} : { date }
  } catch (error) {
    return { failed: troubleOf(error).failed }
  }
}
