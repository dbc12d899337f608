import { UserError } from '../../base/problem.ts'
import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError, fill, fillText } from '../../runbook/expressions/expression.ts'
import { bindArgv } from '../arguments.ts'
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

/** Returns why a step's change can't fix what was observed, if its runbook knows that. */
function cannotApply({ cannotApply, variables }: BoundGcloudStep, observed: Observation): string | undefined {
  if (cannotApply === undefined || observed.state !== 'value') return undefined
  const known = withVariables(variables, { before: observed.value })
  try {
    const holds = fill(cannotApply.when, known)
    if (typeof holds !== 'boolean') throw new ExpressionError(`${JSON.stringify(holds)} is neither true nor false`)
    return holds ? fillText(cannotApply.reason, known) : undefined
  } catch (error) {
    if (error instanceof ExpressionError) return `cannot tell whether its change would fix it: ${error.message}`
    throw error
  }
}

/** Returns what a step's own change affects: its project, and what its command names. */
const ownReach = ({ apply, project }: BoundGcloudStep): Reach =>
  join({ projects: [project], beyond: [] }, reachOfAction(apply, project))

/**
 * Returns how the change is undone, given what was observed before it. An undo that affects more than the change is
 * refused.
 */
function undo(step: BoundGcloudStep, before: Observation): Undo | undefined {
  if (!step.undo) return undefined
  if ('cannotBeUndone' in step.undo) return { kind: 'none', reason: step.undo.cannotBeUndone }
  try {
    const seen = before.state === 'value' ? before.value : {}
    const argv = bindArgv(step.undo.words, withVariables(step.variables, { before: seen }))
    const command: Undo = { kind: 'gcloud', command: { argv, project: step.project } }
    const outside = outsideOf(reachOfAction(command, step.project), ownReach(step))
    return outside.length === 0
      ? command
      : { kind: 'none', reason: `the undo would change ${outside.join(' and ')}, which the change itself does not` }
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof UserError)
      return { kind: 'none', reason: `the values from before can't be used in the undo command: ${error.message}` }
    throw error
  }
}
