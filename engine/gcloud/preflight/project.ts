import type { Readiness } from '../../base/readiness.ts'
import type { Needs } from './needs.ts'

/** Resource Manager's answer to which of some permissions the caller has on a project. */
export type PermissionAnswer = { status: number; granted: string[]; message: string } | { failed: string }

/** Checks whether this account can reach the project. */
export function lookAtProject(project: string, answer: PermissionAnswer): Readiness {
  if ('failed' in answer)
    return {
      name: 'project',
      status: 'failed',
      message: `project ${project} can't be reached: ${answer.failed}`,
      hint: 'check the network or VPN',
    }
  const { status, message } = answer
  if (status === 200) return { name: 'project', status: 'ok', message: `project ${project} can be reached` }
  if (status === 401)
    return {
      name: 'project',
      status: 'failed',
      message: "Google doesn't take this account's token",
      hint: 'run `gcloud auth login`, then this command again',
    }
  if (status === 429 || status >= 500 || /has not been used|is disabled/.test(message))
    return {
      name: 'project',
      status: 'warning',
      message: `it can't be told whether project ${project} can be reached: Resource Manager answered ${status}: ${message}`,
      hint: 'run this again, or look with `gcloud projects describe`',
    }
  return {
    name: 'project',
    status: 'failed',
    message: `project ${project} is not there, or not for this account: ${message || `answer ${status}`}`,
    hint: "check the project's id in the inventory, and with which account you are logged in",
  }
}

/**
 * Checks whether the account has the permissions that the runbooks need. A permission that exists only on the project
 * is missing if it isn't granted there; any other may be granted on a single service or secret instead.
 */
export function lookAtPermissions(needs: Needs, answer: PermissionAnswer, strict: boolean): Readiness {
  const name = 'permissions'
  if ('failed' in answer || answer.status !== 200)
    return { name, status: 'not looked at', message: "permissions can't be told while the project can't be reached" }
  const missing = needs.permissions.filter((permission) => !answer.granted.includes(permission.name))
  const needed = missing.filter((permission) => permission.on === 'project' && (strict || permission.for === 'look'))
  const rest = [
    ...(needs.unknown.length > 0
      ? [`not known what these need: ${needs.unknown.map((one) => `\`${one}\``).join(', ')}`]
      : []),
    ...(needs.elsewhere ? ['other projects that are read were not looked at'] : []),
  ]
  if (missing.length > 0) {
    const where = missing.some(({ on }) => on === 'thing')
      ? ' (some may be granted on a single service, secret or account)'
      : ''
    return {
      name,
      status: needed.length > 0 ? 'failed' : 'warning',
      message: [`not granted on the project: ${missing.map(wordsOf).join(', ')}${where}`, ...rest].join('; '),
      hint: 'ask for a role that has them, or take the runbooks that need them out',
    }
  }
  const granted = `all ${needs.permissions.length} permissions that are known to be needed are granted`
  if (needs.unknown.length === 0) return { name, status: 'ok', message: [granted, ...rest].join('; ') }
  return {
    name,
    status: 'warning',
    message: [granted, ...rest].join('; '),
    hint: 'try those commands by hand before you need them',
  }
}

const wordsOf = ({ name, for: purpose }: Needs['permissions'][number]): string =>
  purpose === 'change' ? `${name} (for changes)` : name
