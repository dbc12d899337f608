import type { Readiness } from '../../base/readiness.ts'
import type { Needs } from './needs.ts'

/** Resource Manager's answer to which of some permissions the caller has on a project. */
export type PermissionAnswer = { status: number; granted: string[]; message: string } | { failed: string }

/** Checks whether this account can reach the project. */
export function checkProject(project: string, answer: PermissionAnswer): Readiness {
  if ('failed' in answer)
    return {
      name: 'project',
      status: 'failed',
      message: `cannot reach project ${project}: ${answer.failed}`,
      hint: 'check the network or VPN',
    }
  const { status, message } = answer
  if (status === 200) return { name: 'project', status: 'ok', message: `project ${project} is reachable` }
  if (status === 401)
    return {
      name: 'project',
      status: 'failed',
      message: "Google does not accept this account's access token",
      hint: 'run `gcloud auth login`, then run this command again',
    }
  if (status === 429 || status >= 500 || /has not been used|is disabled/.test(message))
    return {
      name: 'project',
      status: 'warning',
      message: `cannot check project ${project}: Resource Manager answered ${status}: ${message}`,
      hint: `run this command again, or check with \`gcloud projects describe ${project}\``,
    }
  return {
    name: 'project',
    status: 'failed',
    message: `project ${project} does not exist, or this account cannot see it: ${message || `status ${status}`}`,
    hint: 'check the project id in the inventory and the account you are logged in as',
  }
}

/**
 * Checks whether the account has the permissions that the runbooks need. A permission that exists only on the project
 * is missing if it isn't granted there; any other may be granted on a single service or secret instead.
 */
export function checkPermissions(needs: Needs, answer: PermissionAnswer, strict: boolean): Readiness {
  const name = 'permissions'
  if ('failed' in answer || answer.status !== 200)
    return { name, status: 'skipped', message: 'cannot check permissions without reaching the project' }
  const missing = needs.permissions.filter((permission) => !answer.granted.includes(permission.name))
  const needed = missing.filter((permission) => permission.on === 'project' && (strict || permission.for === 'read'))
  const rest = [
    ...(needs.unknown.length > 0
      ? [`unknown permissions for ${needs.unknown.map((one) => `\`${one}\``).join(', ')}`]
      : []),
    ...(needs.elsewhere ? ['permissions on other projects are not checked'] : []),
  ]
  if (missing.length > 0) {
    const where = missing.some(({ on }) => on === 'resource')
      ? ' (some may be granted on a single service, secret or account)'
      : ''
    return {
      name,
      status: needed.length > 0 ? 'failed' : 'warning',
      message: [`not granted on the project: ${missing.map(wordsOf).join(', ')}${where}`, ...rest].join('; '),
      hint: 'ask for a role that includes them, or leave out the runbooks that need them',
    }
  }
  const granted = `all ${needs.permissions.length} known required permissions are granted`
  if (needs.unknown.length === 0) return { name, status: 'ok', message: [granted, ...rest].join('; ') }
  return {
    name,
    status: 'warning',
    message: [granted, ...rest].join('; '),
    hint: 'try these commands by hand before you need them',
  }
}

const wordsOf = ({ name, for: purpose }: Needs['permissions'][number]): string =>
  purpose === 'change' ? `${name} (for changes)` : name
