import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { flawOfRevokedKeys } from '../approval/revoked-keys.ts'
import { shownPath } from '../disk/workspace.ts'
import type { Policy } from '../runbook/inventory-types.ts'
import { Problem } from '../runbook/problem.ts'
import type { Trust } from '../ssh/verify.ts'
import type { Outside } from './outside.ts'

/** By which files signatures are checked: where they are, what is in the first, and the digest of each for the log. */
export type TrustFiles = { trust: Trust; allowedSigners: string; digests: Record<string, string> }

/** The same files as sources of an incident: beside its log others can check with the very same ones. */
export const sourcesOfTrust = ({ trust, digests }: TrustFiles): { file: string; digest: string }[] => [
  { file: trust.allowedSigners, digest: digests.allowedSigners ?? '' },
  ...(trust.revokedKeys === undefined ? [] : [{ file: trust.revokedKeys, digest: digests.revokedKeys ?? '' }]),
]

/** The files that an inventory's policy names, which are beside the inventory. Throws Problem where one can't be read. */
export async function readTrust(policy: Policy, inventory: string, outside: Outside): Promise<TrustFiles> {
  const folder = dirname(inventory)
  const allowed = await read(resolve(folder, policy.allowedSigners), outside)
  const digests = { allowedSigners: digestOf(allowed) }
  const principals = [...new Set(Object.values(policy.approvers).flat())]
  const trust = { allowedSigners: resolve(folder, policy.allowedSigners), principals }
  const allowedSigners = allowed.toString('utf8')
  if (policy.revokedKeys === undefined) return { trust, allowedSigners, digests }
  const revokedKeys = resolve(folder, policy.revokedKeys)
  const revoked = await read(revokedKeys, outside)
  const flaw = flawOfRevokedKeys(revoked)
  if (flaw !== undefined) throw unreadable(revokedKeys, flaw, outside)
  return {
    trust: { ...trust, revokedKeys },
    allowedSigners,
    digests: { ...digests, revokedKeys: digestOf(revoked) },
  }
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const read = (file: string, outside: Outside): Promise<Buffer> =>
  readFile(file).catch((error: Error) => {
    throw unreadable(file, error.message, outside)
  })

const unreadable = (file: string, why: string, { cwd }: Outside): Problem =>
  new Problem(
    `the policy's file ${shownPath(file, cwd)} can't be read: ${why}`,
    'without it nobody can be told by their key; mend it, or `policy` in the inventory',
    4,
  )
