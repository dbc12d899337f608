import type { Json } from '../base/json.ts'
import { sameJson } from '../base/json.ts'
import { own } from '../base/own.ts'
import { isFingerprint } from './secrets/secret-bytes.ts'
import type { Difference, Expectation, Observation, Status } from './types.ts'

/** Compares an observation with its expectation: the one place that decides conformant, drift or unknown. */
export function statusOf(observation: Observation, expectation: Expectation): Status {
  if (observation.state === 'unknown' || observation.state === 'unseen') return observation.state
  if (observation.state === 'absent' || expectation === 'absent')
    return observation.state === 'absent' && expectation === 'absent' ? 'conformant' : 'drift'
  return differencesOf(observation, expectation).length === 0 ? 'conformant' : 'drift'
}

/** Returns the values that differ from the expectation; none if nothing was read. */
export function differencesOf(observation: Observation, expectation: Expectation): Difference[] {
  switch (observation.state) {
    case 'unknown':
    case 'unseen':
      return []
    case 'absent':
      return expectation === 'absent' ? [] : Object.entries(expectation).map(([name, wanted]) => ({ name, wanted }))
    case 'value': {
      const { value } = observation
      // Sorted by name: members read from a log have another order than observed ones.
      if (expectation === 'absent')
        return Object.entries(value)
          .map(([name, current]) => ({ name, current }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
      return Object.entries(expectation)
        .filter(([name, wanted]) => !sameJson(own(value, name), wanted))
        .map(([name, wanted]) => ({ name, ...(Object.hasOwn(value, name) ? { current: value[name] } : {}), wanted }))
    }
  }
}

/** Returns whether two observations are the same. An unreadable one is the same as nothing, not even itself. */
export function sameObservation(a: Observation, b: Observation): boolean {
  if (a.state === 'unknown' || b.state === 'unknown') return false
  return sameJson(a as unknown as Json, b as unknown as Json)
}

/**
 * Returns whether two observations are the same that may have different fingerprint keys, after a crash or in different
 * runs: fingerprints are ignored, since the secret's version tells values apart.
 */
export const sameAcrossKeys = (a: Observation, b: Observation): boolean =>
  sameObservation(withoutFingerprints(a), withoutFingerprints(b))

function withoutFingerprints(observation: Observation): Observation {
  if (observation.state !== 'value') return observation
  const kept = Object.entries(observation.value).filter(([, value]) => !isFingerprint(value))
  return { state: 'value', value: Object.fromEntries(kept) }
}
