import { differencesOf, statusOf } from '../compare.ts'
import { describeDifference } from '../describe.ts'
import { isInteger, isTexts } from '../fields.ts'
import { type KindOf, onlyObserves, type StepKind } from '../kind.ts'
import { readOnly } from '../read-only.ts'
import type { BoundGateStep, BoundStep, Reading } from '../types.ts'
import type { World } from '../world.ts'

/** Observes another runbook's steps and checks. */
export const gate = (
  kindOf: KindOf,
  observe: (step: BoundStep, world: World) => Promise<Reading>,
): StepKind<BoundGateStep> => ({
  ...onlyObserves,
  observe: (step, world) => observeGate(step, (inner) => observe(inner, readOnly(world))),
  expectation: () => ({ drift: [] }),
  fields: () => ({ drift: isTexts, observed: isInteger, unknown: (value) => value === undefined || isTexts(value) }),
  reads: () => [],
  content: (step) => ({ ...step, steps: step.steps.map((inner) => kindOf(inner).content(inner)) }),
  identity: ({ gate, steps }) => [gate, steps.map((inner) => kindOf(inner).identity(inner))],
})

/** Observes the steps of a gate. It passes if all of them were read and none has drifted. */
export async function observeGate(
  step: BoundGateStep,
  observe: (step: BoundStep) => Promise<Reading>,
): Promise<Reading> {
  const observed = await Promise.all(step.steps.map(async (inner) => ({ inner, reading: await observe(inner) })))
  const readings = observed.filter(({ reading: { observation } }) => observation.state !== 'unseen')
  if (readings.length === 0) {
    const why =
      observed.length === 0 ? 'the lists that its steps and checks loop over are empty' : 'its steps are manual'
    const reason = `\`${step.gate}\` observes nothing here: ${why}`
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
  const manual = observed.length - readings.length
  const notes = [
    ...(unknown.length > 0 ? [`${unknown.length} of ${readings.length} could not be read: ${unknown.join('; ')}`] : []),
    ...(manual > 0 ? [`${manual} manual, not observed`] : []),
  ]
  const note = notes.length > 0 ? { note: notes.join('; ') } : {}
  if (drift.length === 0 && first) {
    const [reason = ''] = unknown.length > 1 ? notes : unknown
    return { observation: { ...first, reason }, expectation, ...(manual > 0 ? { note: notes.at(-1) ?? '' } : {}) }
  }
  const value = { drift, observed: readings.length, ...(unknown.length > 0 ? { unknown } : {}) }
  return { observation: { state: 'value', value }, expectation, ...note }
}
