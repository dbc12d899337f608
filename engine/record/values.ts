import type { PhrasingContent } from 'mdast'
import type { Json } from '../base/json.ts'
import { differencesOf } from '../steps/compare.ts'
import { describePair, describeValue } from '../steps/describe.ts'
import { isFingerprint } from '../steps/secrets/secret-bytes.ts'
import type { Difference, Expectation, Observation } from '../steps/types.ts'
import { code, plain, sentence } from './mdast.ts'

/**
 * Returns differences as a list of changes: "ingress `internal` → `all`, not granted → granted". A secret's fingerprint
 * means nothing to a reader, so `secret` describes the change by version.
 */
export function changes({ differences, secret }: { differences: Difference[]; secret?: string }): PhrasingContent[] {
  if (secret !== undefined) return sentence(secret, [])
  const shown = differences.filter((difference) => !isOfFingerprints(difference))
  const hidden = shown.length < differences.length ? [[plain('the value differs')]] : []
  return separated([...transitions(shown, differences), ...hidden])
}

function transitions(shown: Difference[], all: Difference[]): PhrasingContent[][] {
  if (shown.length === 0) return []
  if (all.every(({ current }) => current === undefined))
    return [[plain('absent → '), ...separated(shown.map(({ name, wanted }) => labelled(name, wanted)))]]
  if (all.every(({ wanted }) => wanted === undefined))
    return [[...separated(shown.map(({ name, current }) => labelled(name, current))), plain(' → absent')]]
  return shown.map(transition)
}

function transition({ name, current, wanted }: Difference): PhrasingContent[] {
  if (typeof current === 'boolean' && typeof wanted === 'boolean' && isAdjective(name))
    return [plain(`${flag(name, current)} → ${flag(name, wanted)}`)]
  const [is, shall] = pair(current, wanted)
  return [plain(`${label(name)} `), code(is), plain(' → '), code(shall)]
}

const labelled = (name: string, value: Json | undefined): PhrasingContent[] =>
  typeof value === 'boolean' && isAdjective(name)
    ? [plain(flag(name, value))]
    : [plain(`${label(name)} `), code(inWords(value))]

const separated = (phrases: PhrasingContent[][]): PhrasingContent[] =>
  phrases.flatMap((phrase, index) => (index === 0 ? phrase : [plain(', '), ...phrase]))

/** Returns what was read of a step or a check, and what was expected where that differs. */
export function describeReading(observation: Observation, expectation: Expectation): string {
  switch (observation.state) {
    case 'unknown':
      return observation.reason
    case 'unseen':
      return 'there is nothing to read'
    case 'absent':
      return 'absent'
    case 'value': {
      const { drift, observed } = observation.value
      if (Array.isArray(drift) && typeof observed === 'number')
        return `${observed} observed, ${drift.length === 0 ? 'no drift' : `drift in ${withoutFingerprints(drift.map(describeValue).join('; '))}`}`
      if (expectation === 'absent') return `${values(observation.value).join(', ')}; expected absent`
      const differences = differencesOf(observation, expectation)
      return (differences.length > 0 ? differences.map(unexpected) : values(observation.value)).join(', ')
    }
  }
}

function unexpected(difference: Difference): string {
  const { name, current, wanted } = difference
  if (isOfFingerprints(difference)) return 'the value differs'
  if (typeof current === 'boolean' && isAdjective(name)) return flag(name, current)
  const [is, shall] = pair(current, wanted)
  return `${label(name)} is ${is}, expected ${shall}`
}

/** Replaces the fingerprints in a message of the engine, which mean nothing to a reader. */
export const withoutFingerprints = (message: string): string =>
  message.replaceAll(/fingerprint[^;()]*hmac-sha256:[0-9a-f]{32}/g, 'the value differs')

const values = (value: Record<string, Json>): string[] =>
  Object.entries(value).map(([name, each]) => {
    if (isFingerprint(each)) return 'value as expected'
    return typeof each === 'boolean' && isAdjective(name) ? flag(name, each) : `${label(name)}: ${inWords(each)}`
  })

const isOfFingerprints = ({ current, wanted }: Difference): boolean => isFingerprint(current) || isFingerprint(wanted)

/** Returns both values in words; of two that look alike, such as the text "5" and the number 5, also the type of each. */
const pair = (current: Json | undefined, wanted: Json | undefined): [string, string] =>
  inWords(current) === inWords(wanted) ? describePair(current, wanted) : [inWords(current), inWords(wanted)]

function inWords(value: Json | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
    ? 'none'
    : describeValue(value)
}

/** Reports whether a value's name reads as an adjective, such as `granted` or `disabled`. */
const isAdjective = (name: string): boolean => /[a-z]ed$/.test(name)

const flag = (name: string, value: boolean): string => `${value ? '' : 'not '}${label(name)}`

/** Returns a value's name as words: `serviceAccount` is "service account". */
const label = (name: string): string =>
  name
    .replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(/\b(iap|url)\b/g, (acronym) => acronym.toUpperCase())
