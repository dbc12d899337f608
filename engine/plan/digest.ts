import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Plan, SavedContent } from './types.ts'

/** Returns the digest of a plan, or of a saved plan's content: SHA-256 over its RFC 8785 canonical JSON. */
export const planDigest = (plan: Plan | SavedContent): string =>
  `sha256:${createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex')}`
