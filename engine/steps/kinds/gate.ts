import { differencesOf, statusOf } from '../compare.ts'
import { describeDifference } from '../describe.ts'
import type { BoundGateStep, BoundStep, Reading } from '../types.ts'

/** Observes another runbook's steps and checks; the gate passes where all were read and none drifted. */
export async function observeGate(
  step: BoundGateStep,
  observe: (step: BoundStep) => Promise<Reading>,
): Promise<Reading> {
  const observed = await Promise.all(step.steps.map(async (inner) => ({ inner, reading: await observe(inner) })))
  const readings = observed.filter(({ reading: { observation } }) => observation.state !== 'unseen')
  if (readings.length === 0) {
    const why =
      observed.length === 0 ? 'the lists that its steps and checks go through are empty' : 'its steps are for a person'
    const reason = `\`${step.gate}\` looks at nothing here: ${why}`
    return { observation: { state: 'unknown', cause: 'other', reason }, expectation: { drift: [] } }
  }
  const expectation = { drift: [] }
  const drift = readings.flatMap(({ inner, reading }) => {
    if (statusOf(reading.observation, reading.expectation) !== 'drift') return []
    const differences = differencesOf(reading.observation, reading.expectation).map(describeDifference)
    return [`${inner.title} (${differences.join(', ')})`]
  })
  const unread = readings.flatMap(({ inner, reading: { observation } }) =>
    observation.state === 'unknown' ? [{ ...observation, reason: `${inner.title}: ${observation.reason}` }] : [],
  )
  const [first] = unread
  const unknown = unread.map(({ reason }) => reason)
  const forPersons = observed.length - readings.length
  const notes = [
    ...(unknown.length > 0 ? [`${unknown.length} of ${readings.length} could not be read: ${unknown.join('; ')}`] : []),
    ...(forPersons > 0 ? [`${forPersons} for a person, and not observed`] : []),
  ]
  const note = notes.length > 0 ? { note: notes.join('; ') } : {}
  if (drift.length === 0 && first) {
    const [reason = ''] = unknown.length > 1 ? notes : unknown
    return { observation: { ...first, reason }, expectation, ...(forPersons > 0 ? { note: notes.at(-1) ?? '' } : {}) }
  }
  const value = { drift, observed: readings.length, ...(unknown.length > 0 ? { unknown } : {}) }
  return { observation: { state: 'value', value }, expectation, ...note }
}
