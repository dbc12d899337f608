import { differencesOf, statusOf } from './compare.ts'
import { describeDifference } from './describe.ts'
import type { BoundGateStep, BoundStep, Reading } from './types.ts'

/** Observes another runbook's steps and checks; the gate passes where none of them drifted. */
export async function observeGate(
  step: BoundGateStep,
  observe: (step: BoundStep) => Promise<Reading>,
): Promise<Reading> {
  const readings = await Promise.all(step.steps.map(async (inner) => ({ inner, reading: await observe(inner) })))
  const expectation = { drift: [] }
  for (const { inner, reading } of readings) {
    const { observation } = reading
    if (observation.state === 'unknown')
      return { observation: { ...observation, reason: `${inner.title}: ${observation.reason}` }, expectation }
  }
  const drift = readings
    .filter(({ reading }) => statusOf(reading.observation, reading.expectation) === 'drift')
    .map(({ inner, reading }) => {
      const differences = differencesOf(reading.observation, reading.expectation).map(describeDifference)
      return `${inner.title} (${differences.join(', ')})`
    })
  return { observation: { state: 'value', value: { drift, observed: readings.length } }, expectation }
}
