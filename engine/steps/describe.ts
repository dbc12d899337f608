import type { Json } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { differencesOf } from './compare.ts'
import { isFingerprint } from './secrets/secret-bytes.ts'
import type { Difference, Duplicates, Expectation, Observation } from './types.ts'
import type { Evidence } from './world.ts'

/** A value as a person reads it: texts as they are, lists parted by commas, nothing where there is none. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined || value === null) return '(none)'
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(describeValue).join(', ')
  return isJsonObject(value) ? JSON.stringify(value) : String(value)
}

/** Describes a secret that differs: its fingerprint stays in the log. */
const OTHER_VALUE = 'its value differs from the wanted one'

/** One difference in a line: `ingress: internal → all`. */
export function describeDifference({ name, current, wanted }: Difference): string {
  if (isFingerprint(wanted)) return OTHER_VALUE
  const [is, shall] = describePair(current, wanted)
  return `${name}: ${is} → ${shall}`
}

/** What is and what must be, as texts; of two that look alike, such as the text "5" and the number 5, also what each is. */
export function describePair(current: Difference['current'], wanted: Difference['wanted']): [string, string] {
  const pair: [string, string] = [describeValue(current), wanted === undefined ? '(none)' : describeValue(wanted)]
  if (pair[0] !== pair[1]) return pair
  const withType = (value: unknown) =>
    `${JSON.stringify(value ?? null)} (${typeof value === 'string' ? 'text' : typeof value})`
  return [withType(current), withType(wanted)]
}

/** What was seen against what must be, in one line. */
export function describeObserved(observation: Observation, expectation: Expectation): string {
  switch (observation.state) {
    case 'unknown':
      return observation.reason
    case 'unseen':
      return 'there is nothing to read of it'
    case 'absent':
      return expectation === 'absent' ? 'absent, as it must be' : 'absent'
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

/** What was made more than once, and what a person may do about it. */
export function describeDuplicates({ project, secret, inUse, versions }: Duplicates): string {
  const [which, hold] =
    versions.length === 1 ? [`version ${versions[0]}`, 'holds'] : [`versions ${versions.join(', ')}`, 'hold']
  return `${which} of ${secret} ${hold} the same value as version ${inUse}, which is in use: the new version was sent more than once; nothing was destroyed, and when nobody needs them that is for a person to do: gcloud secrets versions destroy ${versions[0]} --secret=${secret} --project=${project}`
}

/** Whether a command exited 0, so that only its effect is not known where it can't be read. */
export const isUnreadEffect = ({ exitCode, failure, byHand }: Evidence): boolean =>
  exitCode === 0 && failure === undefined && !byHand

/** Describes a command that exited 0 and whose effect nobody has read, and why. */
export const describeUnreadEffect = (why: string): string =>
  `applied; its effect could not be read${why === '' ? '' : `: ${why}`}`

/** Describes what a command, or a person, said of a change; only the read-back says whether it happened. */
export function describeEvidence({ exitCode, failure, byHand, words }: Evidence): string {
  if (byHand) return words === undefined ? 'left to be done by hand' : `left to be done by hand (${words})`
  return failure ? failure.message : `gcloud exited ${exitCode}`
}
