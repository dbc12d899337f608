import type { Json } from '../runbook/json.ts'
import { isJsonObject } from '../runbook/json.ts'
import { differencesOf } from './compare.ts'
import type { Difference, Duplicates, Expectation, Observation } from './types.ts'
import type { Evidence } from './world.ts'

/** A value as a person reads it: texts as they are, lists parted by commas, nothing where there is none. */
export function describeValue(value: Json | undefined): string {
  if (value === undefined || value === null) return '(none)'
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(describeValue).join(', ')
  return isJsonObject(value) ? JSON.stringify(value) : String(value)
}

/** One difference in a line: `ingress: internal → all`. */
export const describeDifference = ({ name, current, wanted }: Difference): string =>
  `${name}: ${describeValue(current)} → ${wanted === undefined ? '(none)' : describeValue(wanted)}`

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
          .map(
            ({ name, current, wanted }) =>
              `${name} is ${describeValue(current)}, must be ${wanted === undefined ? '(none)' : describeValue(wanted)}`,
          )
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

/** What a command, or a person, said of a change; evidence beside the read-back. */
export function describeEvidence({ exitCode, failure, byHand, words }: Evidence): string {
  if (byHand) return words === undefined ? 'it was done by hand' : `it was done by hand: ${words}`
  return failure ? failure.message : `gcloud exited ${exitCode}`
}
