import { isJsonObject, type Json } from '../runbook/json.ts'
import type { SecretBytes } from '../steps/secret-bytes.ts'
import type { PermissionAnswer } from './look-at-project.ts'

/** Where Resource Manager is asked which permissions the caller has on a project, in any world. */
export const permissionsPath = (project: string): string =>
  `/v1/projects/${encodeURIComponent(project)}:testIamPermissions`

/** Asks the real Resource Manager. Redirects are not followed, so that the token goes nowhere else. */
export async function testPermissions(
  token: SecretBytes,
  project: string,
  permissions: string[],
): Promise<PermissionAnswer> {
  try {
    const response = await fetch(`https://cloudresourcemanager.googleapis.com${permissionsPath(project)}`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
      headers: {
        'content-type': 'application/json',
        authorization: token.lend((bytes) => `Bearer ${Buffer.from(bytes).toString('latin1')}`),
      },
      body: JSON.stringify({ permissions }),
    })
    return readPermissions(response.status, (await response.json().catch(() => null)) as Json)
  } catch (error) {
    return { failed: reasonOf(error as Error) }
  }
}

/** What the answer says: which permissions are there, or Google's own words for why not. */
export function readPermissions(status: number, json: Json): PermissionAnswer {
  const body = isJsonObject(json) ? json : {}
  const error = isJsonObject(body.error) ? body.error : {}
  const granted = Array.isArray(body.permissions) ? body.permissions.filter((name) => typeof name === 'string') : []
  return { status, granted, message: String(error.message ?? '').slice(0, 300) }
}

/** The Date header of what an URL answers. */
export async function dateOf(url: string): Promise<{ date?: string } | { failed: string }> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    const date = response.headers.get('date')
    return date === null ? {} : { date }
  } catch (error) {
    return { failed: reasonOf(error as Error) }
  }
}

function reasonOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined
  return cause?.code ?? cause?.message ?? error.message
}
