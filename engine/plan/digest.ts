import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Plan } from './types.ts'

/** A plan's digest: SHA-256 over its RFC 8785 canonical JSON. */
export const planDigest = (plan: Plan): string =>
  `sha256:${createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex')}`
