import { isLoopback } from '../../base/loopback.ts'
import { own } from '../../base/own.ts'
import type { Inventory, Policy, PolicyRule, Webhook } from '../inventory.ts'
import type { Finding } from './findings.ts'
import { unknownName } from './unknown-name.ts'

/** Returns the mistakes in an inventory's policy and notices: unknown names, and rules that can never be met. */
export function lintPolicy({ policy, environments, notices }: Inventory): Finding[] {
  const rules = (policy?.approvals ?? []).flatMap((rule, index) =>
    lintRule(['policy', 'approvals', index], rule, policy as Policy, Object.keys(environments)),
  )
  return [...rules, ...notices.flatMap((webhook, index) => lintWebhook(['notices', index], webhook))]
}

function lintRule(at: Finding['path'], rule: PolicyRule, { approvers }: Policy, environments: string[]): Finding[] {
  const places = (rule.environments ?? []).flatMap((name, index) =>
    unknownName([...at, 'environments', index], 'environment', name, environments),
  )
  const groups = Object.entries(rule.from).flatMap(([group, count]): Finding[] => {
    const path = [...at, 'from', group]
    const members = own(approvers, group)
    if (members === undefined)
      return unknownName(path, 'group', group, Object.keys(approvers)).map((found) => ({
        ...found,
        on: 'key' as const,
      }))
    if (members.length >= count) return []
    const message = `\`${group}\` has ${members.length} ${members.length === 1 ? 'principal' : 'principals'}, but the rule requires ${count} approvals from it`
    return [{ path, message, hint: 'require fewer, or add principals to `approvers`' }]
  })
  return [...places, ...groups]
}

/** Checks that a webhook uses TLS, except on this machine. */
function lintWebhook(at: Finding['path'], { address }: Webhook): Finding[] {
  if (!('url' in address)) return []
  const url = URL.parse(address.url)
  if (url === null) return [{ path: [...at, 'url'], message: 'not a valid URL' }]
  if (url.protocol === 'https:' || isLoopback(url)) return []
  return [{ path: [...at, 'url'], message: 'an http URL must point to this machine', hint: 'use https' }]
}
