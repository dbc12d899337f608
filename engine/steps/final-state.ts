import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'

/** The conditions by which Knative's resources (Cloud Run's services, revisions, jobs) say how their last change ended. */
const LAST_CONDITIONS = ['Ready', 'Completed']

/** The states in which Google's resources stay once a change of them has failed: each API has one of these words. */
const FAILED_STATES = /^(FAILED|ERROR|CONDITION_FAILED|FAILURE)$/

/**
 * Returns what a resource says of its last change where that has failed for good, so that waiting for it is in vain: a
 * condition of its newest generation that is False, or a failed state that nothing is at work on.
 */
export function finalIn(json: Json): string | undefined {
  if (!isJsonObject(json)) return undefined
  return conditionIn(json) ?? stateIn(json)
}

function conditionIn({ metadata, status }: JsonObject): string | undefined {
  if (!isJsonObject(status) || !Array.isArray(status.conditions)) return undefined
  const generation = isJsonObject(metadata) ? metadata.generation : undefined
  // A status of an earlier generation says nothing of the change that made this one.
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
