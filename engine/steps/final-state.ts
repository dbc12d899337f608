import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'

/**
 * The conditions in which Knative resources (Cloud Run services, revisions, jobs) report how their last change ended.
 */
const LAST_CONDITIONS = ['Ready', 'Completed']

/** The states that Google's resources keep after a failed change: each API uses one of these words. */
const FAILED_STATES = /^(FAILED|ERROR|CONDITION_FAILED|FAILURE)$/

/**
 * Returns what a resource reports about its last change if that failed for good: a False condition of its newest
 * generation, or a failed state without work in progress.
 */
export function finalIn(json: Json): string | undefined {
  if (!isJsonObject(json)) return undefined
  return conditionIn(json) ?? stateIn(json)
}

function conditionIn({ metadata, status }: JsonObject): string | undefined {
  if (!isJsonObject(status) || !Array.isArray(status.conditions)) return undefined
  const generation = isJsonObject(metadata) ? metadata.generation : undefined
  // A status of an earlier generation isn't about the last change.
  if (generation !== undefined && status.observedGeneration !== generation) return undefined
  const last = status.conditions
    .filter(isJsonObject)
    .find(({ type, status: is }) => LAST_CONDITIONS.includes(String(type)) && is === 'False')
  if (!last) return undefined
  const why = [last.message, last.reason].find((text) => typeof text === 'string' && text !== '')
  return `${last.type} is False${why === undefined ? '' : `: ${why}`}`
}

function stateIn({ state, status, reconciling, terminalCondition }: JsonObject): string | undefined {
  if (reconciling === true) return undefined
  const { state: ended, message } = isJsonObject(terminalCondition) ? terminalCondition : {}
  const said = [ended, state, status].find((text) => typeof text === 'string' && FAILED_STATES.test(text))
  return said === undefined ? undefined : `its state is ${said}${typeof message === 'string' ? `: ${message}` : ''}`
}
