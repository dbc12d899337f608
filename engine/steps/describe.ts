import type { Json } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { differencesOf } from './compare.ts'
import { isFingerprint } from './secrets/secret-bytes.ts'
import type { Difference, Duplicates, Expectation, Observation } from './types.ts'
import type { Evidence } from './world.ts'

/** Describes a value for people: text as it is, lists comma-separated, `(none)` without a value. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined || value === null) return '(none)'
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(describeValue).join(', ')
  return isJsonObject(value) ? JSON.stringify(value) : String(value)
}

/** Describes a secret that differs: its fingerprint stays in the log. */
const OTHER_VALUE = 'its value differs from the wanted one'

/** Describes a difference in one line: `ingress: internal → all`. */
export function describeDifference({ name, current, wanted }: Difference): string {
  if (isFingerprint(wanted)) return OTHER_VALUE
  const [is, shall] = describePair(current, wanted)
  return `${name}: ${is} → ${shall}`
}

/**
 * Describes the current and the wanted value; if both look the same, such as the text "5" and the number 5, with their
 * types.
 */
export function describePair(current: Difference['current'], wanted: Difference['wanted']): [string, string] {
  const pair: [string, string] = [describeValue(current), wanted === undefined ? '(none)' : describeValue(wanted)]
  if (pair[0] !== pair[1]) return pair
  const withType = (value: unknown) =>
    `${JSON.stringify(value ?? null)} (${typeof value === 'string' ? 'text' : typeof value})`
  return [withType(current), withType(wanted)]
}

/** Describes an observation compared with its expectation, in one line. */
export function describeObserved(observation: Observation, expectation: Expectation): string {
  switch (observation.state) {
    case 'unknown':
      return observation.reason
    case 'unseen':
      return 'there is nothing to read'
    case 'absent':
      return expectation === 'absent' ? 'absent, as expected' : 'absent'
    case 'value': {
      const differences = differencesOf(observation, expectation)
      if (differences.length > 0)
        return differences
          .map(({ name, current, wanted }) => {
            if (isFingerprint(wanted)) return OTHER_VALUE
            const [is, shall] = describePair(current, wanted)
            return `${name} is ${is}, must be ${shall}`
          })
          .join('; ')
      return Object.entries(observation.value)
        .map(([name, value]) => `${name} ${describeValue(value)}`)
        .join(', ')
    }
  }
}

/** Describes duplicates, and how to remove them. */
export function describeDuplicates({ project, secret, inUse, versions }: Duplicates): string {
  const [which, hold] =
    versions.length === 1 ? [`version ${versions[0]}`, 'holds'] : [`versions ${versions.join(', ')}`, 'hold']
  return `${which} of ${secret} ${hold} the same value as version ${inUse}, which is in use: gcloud sent the new version more than once. Nothing was destroyed; to destroy what you don't need: gcloud secrets versions destroy ${versions[0]} --secret=${secret} --project=${project}`
}

/** Returns whether a command exited 0: if its effect can't be read, only that is unknown. */
export const isUnreadEffect = ({ exitCode, failure, byHand }: Evidence): boolean =>
  exitCode === 0 && failure === undefined && !byHand

/** Describes a command that exited 0 and whose effect nobody has read, and why. */
export const describeUnreadEffect = (why: string): string =>
  `applied; its effect could not be read${why === '' ? '' : `: ${why}`}`

/** Describes what a command or a person reported about a change; only the read-back decides whether it happened. */
export function describeEvidence({ exitCode, failure, byHand, words }: Evidence): string {
  if (byHand) return words === undefined ? 'to be done by hand' : `to be done by hand (${words})`
  return failure ? failure.message : `gcloud exited ${exitCode}`
}
