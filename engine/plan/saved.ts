import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { quote } from '../base/printable.ts'
import { UserError } from '../base/problem.ts'
import { planDigest } from './digest.ts'
import { fitsSavedPlan } from './saved-schema.ts'
import type { SavedContent, SavedPlan } from './types.ts'

/** A plan with the digest over all that it says. */
export const sealPlan = (content: SavedContent): SavedPlan => ({ ...content, digest: planDigest(content) })

/** The longest that a saved plan may be good for: a week. */
export const LONGEST_LIFETIME_MS = 7 * 24 * 3_600_000

/** The text of a plan's file: RFC 8785 canonical JSON and a line feed, the one text that there is for it. */
export const formatPlan = (saved: SavedPlan): string => `${canonicalize(saved)}\n`

/**
 * Reads the bytes of a plan's file; `name` is what the person calls it. Throws UserError for everything but the very bytes
 * that were written: another form of the same JSON is refused too.
 */
export function parsePlan(bytes: Uint8Array, name: string): SavedPlan {
  const found = jsonIn(bytes)
  if (!isJsonObject(found) || found.kind !== 'Plan' || typeof found.apiVersion !== 'string')
    throw new UserError(`the file ${name} is not a saved plan`, HINT)
  if (found.apiVersion !== 'breakglass/v1')
    throw new UserError(
      `the file ${name} is a plan of another version: ${quote(found.apiVersion)}, and this Breakglass knows \`breakglass/v1\``,
      'run it with the Breakglass that made it, or make it anew',
    )
  const { digest, ...content } = found
  const computed = planDigest(content as unknown as SavedContent)
  if (digest !== computed)
    throw new UserError(
      `the file ${name} was edited: it says digest ${quote(String(digest))}, and its bytes give ${computed}`,
      HINT,
    )
  if (!Buffer.from(`${canonicalize(found)}\n`).equals(bytes))
    throw new UserError(`the file ${name} was edited: it is not in the form in which plans are written`, HINT)
  if (!fitsSavedPlan(found))
    throw new UserError(`the file ${name} is not a saved plan: it lacks what one must say`, HINT)
  return found as unknown as SavedPlan
}

const HINT = 'make a plan anew with `breakglass plan … --out FILE`; a plan is used as it was written, or not at all'

function jsonIn(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as Json
  } catch {
    return undefined
  }
}

/** How a digest is told over the phone: its first twelve digits, four at a time. */
export const spokenDigest = (digest: string): string =>
  digest
    .replace(/^sha256:/, '')
    .slice(0, 12)
    .replace(/(.{4})(?=.)/g, '$1 ')
