import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type Json, sameJson } from '../base/json.ts'
import { own } from '../base/own.ts'
import { describeValue } from '../steps/describe.ts'
import { boundExpectation, contentOf, faultInObservation } from '../steps/index.ts'
import { sourceIn } from '../steps/kinds/secret.ts'
import { isFingerprint } from '../steps/secrets/secret-bytes.ts'
import type { BoundStep, Expectation, Reading } from '../steps/types.ts'
import { changesBetween, type PlanChange } from './changes.ts'
import { planStep } from './observe.ts'
import type { Plan, PlannedStep } from './types.ts'

/**
 * Returns how a plan of a log or a file differs from what its runbooks bind to now: each step is planned again from the
 * plan's own observation. `now` is the plan without its steps.
 */
export function changesInBinding(plan: Plan, now: Omit<Plan, 'steps'>, steps: BoundStep[]): PlanChange[] {
  const faults = plan.steps.flatMap((planned) => faultIn(planned, steps))
  if (faults.length > 0) return faults
  const again = steps.flatMap((step) => {
    const planned = plan.steps.find(({ key }) => key === step.key)
    return planned ? [planAgain(step, planned)] : [{ key: step.key, title: step.title } as PlannedStep]
  })
  const changes = changesBetween(plan, { ...now, steps: again })
  const [was, is] = [plan.steps, steps].map((all) => all.map(({ key }) => key).join(', '))
  return changes.length > 0 || was === is ? changes : [{ what: 'order of the steps', was: was ?? '', is: is ?? '' }]
}

/** Returns what a plan says about a step that its runbook can't say. */
function faultIn(planned: PlannedStep, steps: BoundStep[]): PlanChange[] {
  const { key, title, observation } = planned
  const step = steps.find((each) => each.key === key)
  if (step === undefined) return [{ what: key, was: 'in the plan', is: 'not in the plan' }]
  const fault = faultInObservation(step, observation)
  return fault === undefined
    ? []
    : [{ what: `${title}, observed`, was: describeValue(observation as unknown as Json), is: fault }]
}

function planAgain(step: BoundStep, { observation, expectation, note, targets, apply }: PlannedStep): PlannedStep {
  const reading: Reading = {
    observation,
    expectation: boundExpectation(step) ?? fingerprintIn(expectation),
    ...(note === undefined ? {} : { note }),
    ...(targets === undefined ? {} : { targets }),
    ...sourceIn(step, apply),
  }
  return planStep(step, reading)
}

/** Keeps a secret's fingerprint, whose key is gone with the run that made it. */
const fingerprintIn = (expectation: Expectation): Expectation =>
  expectation !== 'absent' && isFingerprint(expectation.fingerprint)
    ? { fingerprint: expectation.fingerprint ?? '' }
    : {}

/** Returns the digest of each bound step and check: everything that it reads, runs, expects and changes. */
export const boundDigests = (steps: BoundStep[]): Record<string, string> =>
  Object.fromEntries(steps.map((step) => [step.key, digestOf(contentOf(step))]))

/** Returns the steps and checks whose binding changed. */
export function changesInDigests(was: Record<string, string>, is: Record<string, string>): PlanChange[] {
  if (sameJson(was, is)) return []
  const at = (all: Record<string, string>, key: string) => own(all, key) ?? 'missing'
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => at(was, key) !== at(is, key))
    .map((key) => ({ what: `${key}, binding`, was: at(was, key), is: at(is, key) }))
}

const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')}`
