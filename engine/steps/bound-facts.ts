import { isJsonObject, type Json } from '../base/json.ts'
import { isFingerprint } from './secrets/secret-bytes.ts'
import type { Action, BoundLook, BoundStep, BoundUndoStep, Expectation, Observation, SecretVersion } from './types.ts'

/** What a step expects as far as that is settled before anything is observed; undefined where it comes from what is read. */
export function boundExpectation(step: BoundStep): Expectation | undefined {
  switch (step.kind) {
    case 'gcloud':
      return step.expect
    case 'manual':
      return step.proof?.expect ?? {}
    case 'wait':
      return step.until?.expect ?? {}
    case 'http':
      return { status: step.status }
    case 'workflowRun':
      return { status: 'completed', conclusion: 'success' }
    case 'script':
      return { result: 'pass' }
    case 'gate':
      return { drift: [] }
    case 'approve':
      return {}
    case 'secret':
      return undefined
    case 'undo':
      return step.action?.kind === 'copy-secret' ? undefined : expectedBefore(step)
  }
}

/** What must be there again once a change is undone. */
export const expectedBefore = ({ before }: Pick<BoundUndoStep, 'before'>): Expectation =>
  before.state === 'absent' ? 'absent' : before.state === 'value' ? before.value : {}

/**
 * Says why a step of this kind can't have observed something that a log says it did; undefined where it can. What is in a
 * log becomes words of commands only once it has the type of what the step itself reads.
 */
export function faultInObservation(step: BoundStep, observation: Observation): string | undefined {
  switch (observation.state) {
    case 'absent':
    case 'unknown':
      return undefined
    case 'unseen':
      return isUnseen(step) ? undefined : 'there is something to read of this step'
    case 'value':
      return isUnseen(step) ? 'there is nothing to read of this step' : faultInValue(step, observation.value)
  }
}

function isUnseen(step: BoundStep): boolean {
  switch (step.kind) {
    case 'manual':
      return step.proof === undefined
    case 'wait':
      return step.until === undefined
    case 'approve':
      return true
    case 'undo':
      return isUnseen(step.of)
    case 'gcloud':
    case 'secret':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
      return false
  }
}

function faultInValue(step: BoundStep, value: { [name: string]: Json }): string | undefined {
  switch (step.kind) {
    case 'gcloud':
      return faultInSelected(step, value)
    case 'manual':
      return step.proof && faultInSelected(step.proof, value)
    case 'wait':
      return step.until && faultInSelected(step.until, value)
    case 'secret':
      return faultInFields(value, {
        version: (each) => typeof each === 'string' && /^(|[1-9][0-9]{0,15})$/.test(each),
        state: (each) => typeof each === 'string' && /^[A-Z_ ]{1,40}$/.test(each),
        fingerprint: (each) => each === null || isFingerprint(each),
      })
    case 'http':
      return faultInFields(value, { status: isWhole, url: isText })
    case 'workflowRun':
      return faultInFields(value, { name: isTextOrNull, status: isText, conclusion: isTextOrNull })
    case 'script':
      return faultInFields(value, { result: isText, exitCode: isWhole })
    case 'gate':
      return faultInFields({ unknown: [], ...value }, { drift: isTexts, observed: isWhole, unknown: isTexts })
    case 'undo':
      return faultInValue(step.of, value)
    case 'approve':
      return 'there is nothing to read of this step'
  }
}

const isText = (value: Json): boolean => typeof value === 'string'
const isTextOrNull = (value: Json): boolean => value === null || isText(value)
const isTexts = (value: Json): boolean => Array.isArray(value) && value.every(isText)
const isWhole = (value: Json): boolean => Number.isSafeInteger(value)

type Fields = Record<string, (value: Json) => boolean>

function faultInFields(value: { [name: string]: Json }, fields: Fields): string | undefined {
  const wrong = [...new Set([...Object.keys(value), ...Object.keys(fields)])].find((name) => {
    const fits = Object.hasOwn(fields, name) ? fields[name] : undefined
    return fits === undefined || !Object.hasOwn(value, name) || !fits(value[name] as Json)
  })
  return wrong === undefined ? undefined : `\`${wrong}\` is nothing that this step reads: ${shown(value, wrong)}`
}

/** What was selected has the names that the runbook gives it, and the types that it expects of them, if anything is there. */
function faultInSelected({ select, expect }: BoundLook, value: { [name: string]: Json }): string | undefined {
  const wanted = expect === 'absent' ? {} : expect
  const fields = Object.keys(select).map((name) => {
    const kind = Object.hasOwn(wanted, name) ? kindOf(wanted[name] as Json) : 'nothing'
    return [name, (each: Json) => kind === 'nothing' || each === null || kindOf(each) === kind] as const
  })
  return faultInFields(value, Object.fromEntries(fields))
}

const kindOf = (value: Json): 'nothing' | 'list' | 'map' | 'scalar' =>
  value === null ? 'nothing' : Array.isArray(value) ? 'list' : isJsonObject(value) ? 'map' : 'scalar'

const shown = (value: { [name: string]: Json }, name: string): string =>
  Object.hasOwn(value, name) ? JSON.stringify(value[name]) : 'it is missing'

/** The version that a secret's value is said to come from, where it is one of the step's own references. */
export function sourceIn(step: BoundStep, action: Action | undefined): { source?: SecretVersion } {
  if (step.kind !== 'secret' || action?.kind !== 'copy-secret') return {}
  const { project, secret, version } = action.from
  const isReference = step.references.some((reference) => reference.project === project)
  return isReference && secret === step.secret && /^[1-9][0-9]{0,15}$/.test(version)
    ? { source: { project, secret, version } }
    : {}
}
