import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Protection } from '../approval/protection.ts'
import type { Entry } from './entry.ts'

/** A file stored with a log: its name in `sources/`, the SHA-256 (hex) of its bytes, and that of its content if it is a saved plan. */
export type KeptFile = { name: string; hash: string; plan?: string }

/** The files that a log names by digest, and what each of them is. */
export type NamedFiles = {
  take(entry: Entry): void
  /** Returns descriptions, such as `the inventory prod`, by SHA-256 (hex). */
  named(): ReadonlyMap<string, string>
}

/** The result of checking the files stored with a log: those whose bytes don't match their names, those that the log names but are missing, and those that the log doesn't name. */
export type SourcesVerdict = { wrong: string[]; missing: string[]; strange: string[] }

/** Collects the files that a log names while it is read. */
export function makeNamedFiles(): NamedFiles {
  const named = new Map<string, string>()
  const name = (digest: string | undefined, what: string) => {
    if (digest !== undefined) named.set(digest.replace(/^sha256:/, ''), what)
  }
  const protectedBy = (protection: Protection | undefined) => {
    const policy = protection?.policy ?? 'none'
    if (policy !== 'none') for (const digest of Object.values(policy.checkedWith)) name(digest, 'a list of signers')
  }
  return {
    take(entry) {
      switch (entry.type) {
        case 'run.opened':
          for (const { what, name: called, digest } of entry.body.from?.sources ?? [])
            name(digest, `the ${what} ${called}`)
          if (entry.body.savedPlan) name(entry.body.savedPlan.digest, `the saved plan ${entry.body.savedPlan.id}`)
          protectedBy(entry.body.protection)
          return
        case 'run.resumed':
          protectedBy(entry.body.protection)
          return
        case 'operator.identified':
        case 'plan.approved':
        case 'override.countersigned':
          name(entry.body.checkedWith.allowedSigners, 'the list of signers')
          name(entry.body.checkedWith.revokedKeys, 'the list of revoked keys')
      }
    },
    named: () => named,
  }
}

/** Describes a stored file by its bytes; the digest of a saved plan covers everything in it except the digest itself. */
export function keptFile(name: string, hash: string, bytes: Uint8Array): KeptFile {
  if (!name.endsWith('.json')) return { name, hash }
  try {
    const { digest: _, ...content } = JSON.parse(Buffer.from(bytes).toString('utf8'))
    const plan = createHash('sha256')
      .update(canonicalize(content) ?? '')
      .digest('hex')
    return { name, hash, plan }
  } catch {
    return { name, hash }
  }
}

/** Compares the files stored with a log with those that it names. */
export function judgeSources(kept: KeptFile[], named: ReadonlyMap<string, string>): SourcesVerdict {
  const there = new Set(kept.flatMap(({ hash, plan }) => [hash, ...(plan === undefined ? [] : [plan])]))
  return {
    wrong: kept.flatMap(({ name, hash }) =>
      name.split('.')[0] === hash ? [] : [`sources/${name} was changed: its SHA-256 is ${hash}`],
    ),
    missing: [...named].flatMap(([hash, what]) => (there.has(hash) ? [] : [what])),
    strange: kept.flatMap(({ name, hash, plan = hash }) => (named.has(hash) || named.has(plan) ? [] : [name])),
  }
}
