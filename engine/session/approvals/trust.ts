import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { flawOfRevokedKeys } from '../../approval/revoked-keys.ts'
import { UserError } from '../../base/problem.ts'
import { readRegular } from '../../disk/regular-file.ts'
import { shownPath } from '../../disk/workspace.ts'
import type { Policy } from '../../runbook/inventory.ts'
import type { Trust } from '../../ssh/verify.ts'
import type { Runtime } from '../host/runtime.ts'

/** What signatures are checked with, the files that it was read from, and the digest of each for the log. */
export type TrustFiles = { trust: Trust; files: { file: string; digest: string }[]; digests: Record<string, string> }

/** Reads the files that an inventory's policy names, relative to the inventory. Throws UserError. */
export async function readTrust(policy: Policy, inventory: string, runtime: Runtime): Promise<TrustFiles> {
  const folder = dirname(inventory)
  const readOne = (name: string) => {
    const file = resolve(folder, name)
    const bytes = read(file, runtime)
    return { file, bytes, digest: digestOf(bytes) }
  }
  const allowed = readOne(policy.allowedSigners)
  const revoked = policy.revokedKeys === undefined ? undefined : readOne(policy.revokedKeys)
  const flaw = revoked && flawOfRevokedKeys(revoked.bytes)
  if (revoked && flaw !== undefined) throw unreadable(revoked.file, flaw, runtime)
  return {
    trust: {
      allowedSigners: allowed.bytes.toString('utf8'),
      principals: [...new Set(Object.values(policy.approvers).flat())],
      ...(revoked ? { revokedKeys: revoked.bytes } : {}),
    },
    files: [allowed, ...(revoked ? [revoked] : [])].map(({ file, digest }) => ({ file, digest })),
    digests: { allowedSigners: allowed.digest, ...(revoked ? { revokedKeys: revoked.digest } : {}) },
  }
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

function read(file: string, runtime: Runtime): Buffer {
  try {
    return readRegular(file)
  } catch (error) {
    throw unreadable(file, (error as Error).message, runtime)
  }
}

const unreadable = (file: string, why: string, { cwd }: Runtime): UserError =>
  new UserError(
    `cannot read the policy's file ${shownPath(file, cwd)}: ${why}`,
    'nobody can be identified without it; fix it, or `policy` in the inventory',
    4,
  )
