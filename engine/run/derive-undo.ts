import type { Json } from '../base/json.ts'
import { sameJson } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import { applyFor, faultInObservation, undoFor } from '../steps/index.ts'
import { sourceIn } from '../steps/kinds/secret.ts'
import type { Action, BoundStep, Observation, Undo } from '../steps/types.ts'
import type { StepState } from './model/step-state.ts'

/**
 * Derives the undo of a step's change from the step itself and what the log says was observed before it. The undo in
 * the log is only compared with it. Throws UserError if they differ, or if the step can't have made such an
 * observation.
 */
export function deriveUndo(step: BoundStep, before: Observation, logged: Undo | undefined): Undo | undefined {
  const fault = faultInObservation(step, before)
  if (fault !== undefined) throw refused(step, `the log has an observation that the step can't have made: ${fault}`)
  const undo = undoFor(step, before)
  if (!sameJson(logged as Json | undefined, undo as Json | undefined))
    throw refused(step, `the undo in the log differs from the one in its runbook:\n${differentWords(logged, undo)}`)
  return undo
}

/** Describes both undos and the arguments in which they differ. */
function differentWords(logged: Undo | undefined, derived: Undo | undefined): string {
  const [was, is] = [describeUndo(logged), describeUndo(derived)]
  const [wasWords, isWords] = [wordsOf(logged), wordsOf(derived)]
  const only = (these: string[], those: string[]) => these.filter((word) => !those.includes(word))
  const said = [...only(wasWords, isWords), ...only(isWords, wasWords)]
  return [
    `  the log:     ${was}`,
    `  the runbook: ${is}`,
    ...(said.length === 0
      ? ['  Only the order of the arguments differs']
      : [`  These arguments differ: ${said.join(' ')}`]),
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
 * Refuses a log whose intents differ from the runbook: the change, the observation before it, or the undo. Changes by
 * hand ran no command. Throws UserError.
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
    `the command in the log differs from the one in its runbook:\n  the log:     ${describeAction(logged)}\n  the runbook: ${is}`,
  )
}

const refused = ({ title, key }: BoundStep, why: string): UserError =>
  new UserError(
    `step ${key} (${title}): ${why}`,
    'nothing was changed: run `breakglass audit verify`, and undo it by hand if you know what was there before',
  )
