import { UserError } from '../../base/problem.ts'
import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError, fill, fillText } from '../../runbook/expressions/expression.ts'
import { bindWords } from '../arguments.ts'
import type { StepKind } from '../kind.ts'
import { fieldsOf, observeGcloud } from '../observe-gcloud.ts'
import { join, outsideOf, type Reach, reachOfAction, reachOfWords } from '../target-projects.ts'
import type { BoundGcloudStep, Observation, Undo } from '../types.ts'

/** Reads, compares and changes with gcloud. */
export const gcloud: StepKind<BoundGcloudStep> = {
  observe: (step, world) => observeGcloud(step, step.readTimeoutMs ?? step.timeoutMs, world),
  expectation: ({ expect }) => expect,
  fields: fieldsOf,
  reads: ({ reads }) => reads.map(({ command }) => command),
  canPrefetch: () => true,
  apply: ({ apply }) => apply,
  cannotApply,
  undo,
  reach(step) {
    const { apply, project } = step
    if (apply === undefined) return { projects: [], beyond: [] }
    const own = reachOfAction(apply, project)
    return step.undo && 'words' in step.undo ? join(own, reachOfWords(step.undo.words, project)) : own
  },
  content: (step) => ({ ...step, variables: undefined }),
  identity: ({ reads, select, expect }) => [reads, select, expect],
}

/** Says why a step's change would not set right what was observed, where its runbook knows that; undefined where it may be made. */
function cannotApply({ cannotApply, variables }: BoundGcloudStep, observed: Observation): string | undefined {
  if (cannotApply === undefined || observed.state !== 'value') return undefined
  const known = withVariables(variables, { before: observed.value })
  try {
    const holds = fill(cannotApply.when, known)
    if (typeof holds !== 'boolean') throw new ExpressionError(`${JSON.stringify(holds)} is neither true nor false`)
    return holds ? fillText(cannotApply.reason, known) : undefined
  } catch (error) {
    if (error instanceof ExpressionError) return `whether its change would set it right is not known: ${error.message}`
    throw error
  }
}

/** What a step's own change is about: its project, and what its command names beyond that. */
const ownReach = ({ apply, project }: BoundGcloudStep): Reach =>
  join({ projects: [project], beyond: [] }, reachOfAction(apply, project))

/** How the step's change is undone, given what was seen before it: never by a command that reaches further than the change. */
function undo(step: BoundGcloudStep, before: Observation): Undo | undefined {
  if (!step.undo) return undefined
  if ('cannotBeUndone' in step.undo) return { kind: 'none', reason: step.undo.cannotBeUndone }
  try {
    const seen = before.state === 'value' ? before.value : {}
    const argv = bindWords(step.undo.words, withVariables(step.variables, { before: seen }))
    const command: Undo = { kind: 'gcloud', command: { argv, project: step.project } }
    const runtime = outsideOf(reachOfAction(command, step.project), ownReach(step))
    return runtime.length === 0
      ? command
      : { kind: 'none', reason: `the undo would change ${runtime.join(' and ')}, which the change itself does not` }
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof UserError)
      return { kind: 'none', reason: `what was there before can't be put into the undo command: ${error.message}` }
    throw error
  }
}
