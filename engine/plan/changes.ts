import canonicalize from 'canonicalize'
import { isJsonObject, type Json, type JsonObject, sameJson } from '../base/json.ts'
import { own } from '../base/own.ts'
import { describeValue } from '../steps/describe.ts'
import type { Observation, Target } from '../steps/types.ts'
import { describeAction, describeUndo } from './describe.ts'
import type { Plan, PlannedStep } from './types.ts'

/** A difference between two plans, for people. */
export type PlanChange = { what: string; was: string; is: string }

/**
 * Returns how a new plan differs from an earlier one. Fingerprints have another key in each run: they are compared by
 * which of them are equal, and the versions show whether a value is still the same.
 */
export function changesBetween(before: Plan, now: Plan): PlanChange[] {
  const [was, is] = [withoutKeys(before), withoutKeys(now)]
  const keys = new Set([...was.steps, ...is.steps].map(({ key }) => key))
  const find = (plan: Plan, wanted: string) => plan.steps.find(({ key }) => key === wanted)
  const steps = [...keys].flatMap((key) => stepChanges(find(was, key), find(is, key)))
  const { steps: _, ...wasRest } = was
  const { steps: __, ...isRest } = is
  return [...valueChanges('', wasRest as unknown as Json, isRest as unknown as Json), ...steps]
}

/** Numbers a plan's fingerprints in the order of its canonical form. */
function withoutKeys(plan: Plan): Plan {
  const numbers = new Map<string, number>()
  const text = (canonicalize(plan) ?? '').replace(/hmac-sha256:[0-9a-f]{32}/g, (fingerprint) => {
    if (!numbers.has(fingerprint)) numbers.set(fingerprint, numbers.size + 1)
    return `value ${numbers.get(fingerprint)}`
  })
  return JSON.parse(text) as Plan
}

function stepChanges(was: PlannedStep | undefined, is: PlannedStep | undefined): PlanChange[] {
  if (was === undefined || is === undefined) {
    const there = (step: PlannedStep | undefined) => (step === undefined ? 'not in the plan' : 'in the plan')
    return [{ what: was?.title ?? is?.title ?? '', was: there(was), is: there(is) }]
  }
  const changes = [
    ...targetChanges(was.targets ?? [], is.targets ?? []),
    ...observationChanges(was.observation, is.observation),
    ...described('command', was.apply, is.apply, (apply) => (apply ? describeAction(apply) : 'none')),
    ...valueChanges('must be', was.expectation as Json, is.expectation as Json),
  ]
  const all = changes.length > 0 ? changes : restChanges(was, is)
  return all.map((change) => ({ ...change, what: change.what === '' ? was.title : `${was.title}, ${change.what}` }))
}

/** Returns differences that follow from others or are only wording, for a step without others. */
function restChanges(was: PlannedStep, is: PlannedStep): PlanChange[] {
  const undo = described('undo', was.undo, is.undo, describeUndo)
  return undo.length > 0 ? undo : valueChanges('', was as unknown as Json, is as unknown as Json)
}

function targetChanges(was: Target[], is: Target[]): PlanChange[] {
  const nameOf = ({ read, project }: Target) => `${read} (${project})`
  const names = new Set([...was, ...is].map(nameOf))
  const marksOf = (targets: Target[], name: string): JsonObject =>
    Object.assign({}, ...targets.filter((target) => nameOf(target) === name).map(({ marks }) => marks))
  return [...names].flatMap((name) => valueChanges(name, marksOf(was, name), marksOf(is, name)))
}

function observationChanges(was: Observation, is: Observation): PlanChange[] {
  if (was.state === 'value' && is.state === 'value') return valueChanges('', was.value, is.value)
  return described('', was, is, describeObservation)
}

function describeObservation(observation: Observation): string {
  switch (observation.state) {
    case 'value':
      return describeValue(observation.value)
    case 'absent':
      return 'absent'
    case 'unseen':
      return 'nothing to read'
    case 'unknown':
      return `could not be read (${observation.reason})`
  }
}

function described<T>(what: string, was: T, is: T, describe: (value: T) => string): PlanChange[] {
  return sameJson(was as Json, is as Json) ? [] : [{ what, was: describe(was), is: describe(is) }]
}

/** Returns where two values differ, key by key as deep as both are objects; lists are compared as a whole. */
export function valueChanges(what: string, was: Json | undefined, is: Json | undefined): PlanChange[] {
  if (sameJson(was, is)) return []
  if (!isJsonObject(was) || !isJsonObject(is)) return [{ what, was: describeValue(was), is: describeValue(is) }]
  const keys = new Set([...Object.keys(was), ...Object.keys(is)])
  return [...keys].flatMap((key) => valueChanges(what === '' ? key : `${what} ${key}`, own(was, key), own(is, key)))
}
