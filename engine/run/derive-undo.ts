import type { Json } from '../base/json.ts'
import { sameJson } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import { applyFor, faultInObservation, undoFor } from '../steps/index.ts'
import { sourceIn } from '../steps/kinds/secret.ts'
import type { Action, BoundStep, Observation, Undo } from '../steps/types.ts'
import type { StepState } from './model/step-state.ts'

/**
 * Derives what undoes a step's change from the step itself and what was there before, as the log says. What the log says
 * of the undo is only compared with that. Throws UserError where they differ, or where the step can't have read such a thing.
 */
export function deriveUndo(step: BoundStep, before: Observation, logged: Undo | undefined): Undo | undefined {
  const fault = faultInObservation(step, before)
  if (fault !== undefined) throw refused(step, `the log says what was there before, and ${fault}`)
  const undo = undoFor(step, before)
  if (!sameJson(logged as Json | undefined, undo as Json | undefined))
    throw refused(step, `the log names another undo than its runbook gives.\n${differentWords(logged, undo)}`)
  return undo
}

/** Says in which words two undos differ, and shows both. */
function differentWords(logged: Undo | undefined, derived: Undo | undefined): string {
  const [was, is] = [describeUndo(logged), describeUndo(derived)]
  const [wasWords, isWords] = [wordsOf(logged), wordsOf(derived)]
  const only = (these: string[], those: string[]) => these.filter((word) => !those.includes(word))
  const said = [...only(wasWords, isWords), ...only(isWords, wasWords)]
  return [
    `  the log:     ${was}`,
    `  the runbook: ${is}`,
    ...(said.length === 0 ? ['  The order of their words differs.'] : [`  These words differ: ${said.join(' ')}`]),
  ].join('\n')
}

function wordsOf(undo: Undo | undefined): string[] {
  switch (undo?.kind) {
    case 'gcloud':
      return [...undo.command.argv, `--project=${undo.command.project}`]
    case 'copy-secret':
      return [`${undo.from.project}/${undo.from.secret}/${undo.from.version}`, `${undo.to.project}/${undo.to.secret}`]
    case 'none':
    case undefined:
      return [describeUndo(undo)]
  }
}

/**
 * Refuses steps whose intents in the log are not what their runbook gives: the change, what was there before, and the undo.
 * What a person did by hand was no command. Throws UserError.
 */
export function refuseOtherIntents(states: ReadonlyMap<string, StepState>, steps: BoundStep[]): void {
  for (const [key, state] of states) {
    const step = steps.find((each) => each.key === key)
    if (step === undefined) continue
    for (const { action, before, undo } of state.intended) {
      deriveUndo(step, before, undo)
      if (action.kind !== 'by-hand') refuseOtherAction(step, action, before)
    }
  }
}

function refuseOtherAction(step: BoundStep, logged: Action, observation: Observation): void {
  const derived = applyFor(step, { observation, expectation: {}, ...sourceIn(step, logged) })
  if (sameJson(logged as unknown as Json, derived as unknown as Json | undefined)) return
  const is = derived === undefined ? 'none' : describeAction(derived)
  throw refused(
    step,
    `the log names another command than its runbook gives.\n  the log:     ${describeAction(logged)}\n  the runbook: ${is}`,
  )
}

const refused = ({ title, key }: BoundStep, why: string): UserError =>
  new UserError(
    `step ${key} (${title}): ${why}`,
    'nothing was changed: check the log with `breakglass audit verify`, and undo it by hand if you know what was there before',
  )
