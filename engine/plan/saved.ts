import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { quote } from '../base/printable.ts'
import { UserError } from '../base/problem.ts'
import { planDigest } from './digest.ts'
import { fitsSavedPlan } from './saved-schema.ts'
import type { SavedContent, SavedPlan } from './types.ts'

/** Adds the digest to a saved plan's content. */
export const sealPlan = (content: SavedContent): SavedPlan => ({ ...content, digest: planDigest(content) })

/** The longest lifetime of a saved plan: a week. */
export const LONGEST_LIFETIME_MS = 7 * 24 * 3_600_000

/** Returns the text of a plan's file: RFC 8785 canonical JSON and a line feed. */
export const formatPlan = (saved: SavedPlan): string => `${canonicalize(saved)}\n`

/**
 * Reads a plan's file; `name` is what the person calls it. Throws UserError unless the bytes are exactly those that
 * were written: another form of the same JSON is refused too.
 */
export function parsePlan(bytes: Uint8Array, name: string): SavedPlan {
  const found = jsonIn(bytes)
  if (!isJsonObject(found) || found.kind !== 'Plan' || typeof found.apiVersion !== 'string')
    throw new UserError(`the file ${name} is not a saved plan`, HINT)
  if (found.apiVersion !== 'breakglass/v1')
    throw new UserError(
      `the file ${name} is a plan of another version: ${quote(found.apiVersion)}; this Breakglass reads \`breakglass/v1\``,
      'use the Breakglass that made it, or make a new plan',
    )
  const { digest, ...content } = found
  const computed = planDigest(content as unknown as SavedContent)
  if (digest !== computed)
    throw new UserError(
      `the file ${name} was edited: its digest is ${quote(String(digest))}, but its content has ${computed}`,
      HINT,
    )
  if (!Buffer.from(`${canonicalize(found)}\n`).equals(bytes))
    throw new UserError(`the file ${name} was edited: it is not in canonical JSON`, HINT)
  if (!fitsSavedPlan(found))
    throw new UserError(`the file ${name} is not a saved plan: fields are missing or invalid`, HINT)
  return found as unknown as SavedPlan
}

const HINT = 'make a new plan with `breakglass plan … --out FILE`: an edited plan is refused'

function jsonIn(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as Json
  } catch {
    return undefined
  }
}

/** Formats a digest to be read aloud: its first twelve digits, in groups of four. */
export const spokenDigest = (digest: string): string =>
  digest
    .replace(/^sha256:/, '')
    .slice(0, 12)
    .replace(/(.{4})(?=.)/g, '$1 ')
