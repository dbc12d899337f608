import type { ApproveStepTemplate, ManualStepTemplate, StepTemplate, WaitStepTemplate } from '../types.ts'
import { type Context, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintObserve } from './observe.ts'

/** The kinds of steps that run no command. */
type NonCommandStep = ManualStepTemplate | WaitStepTemplate | ApproveStepTemplate

/** Returns whether a step waits or needs a person instead of running a command. */
export const isNonCommandStep = (step: StepTemplate): step is NonCommandStep =>
  step.kind === 'manual' || step.kind === 'wait' || step.kind === 'approve'

/** Checks a manual, wait or approve step. */
export function lintNonCommandStep(context: Context, path: Path, step: NonCommandStep): void {
  context.findings.push(...lintKeys(path, step))
  switch (step.kind) {
    case 'manual':
      checkText(context, [...path, 'manual', 'instructions'], step.manual.instructions, 'text')
      checkText(context, [...path, 'manual', 'evidence'], step.manual.evidence, 'text')
      break
    case 'wait':
      context.findings.push(...lintWait(path, step))
      break
    case 'approve':
      checkText(context, [...path, 'approve', 'question'], step.approve.question, 'text')
      return
  }
  if (step.observe) lintObserve(context, path, step)
}

/** Returns the keys that only make sense for a command. */
const lintKeys = (path: Path, step: NonCommandStep): Finding[] =>
  ['apply', 'undo', 'retry', ...(step.kind === 'manual' ? [] : ['settle'])]
    .filter((key) => key in step)
    .map((key) => ({
      path: [...path, key],
      on: 'key' as const,
      message: `${article(step.kind)} step cannot have \`${key}\``,
      hint: step.kind === 'wait' ? 'set the time with `wait`' : 'remove it, or move it to a separate step',
    }))

const article = (kind: NonCommandStep['kind']): string => `${kind === 'approve' ? 'an' : 'a'} ${kind}`

/** Checks that `within` has something to observe, and `for` has not. */
function lintWait(path: Path, { wait, observe }: WaitStepTemplate): Finding[] {
  if ('for' in wait && observe)
    return [
      {
        path: [...path, 'wait', 'for'],
        on: 'key',
        message: '`for` waits for a fixed time and ignores `observe`',
        hint: 'use `within` instead of `for`, or remove `observe` and `expect`',
      },
    ]
  if ('within' in wait && !observe)
    return [
      {
        path: [...path, 'wait', 'within'],
        on: 'key',
        message: '`within` requires `observe` and `expect`',
        hint: 'add them, or use `for` instead of `within`',
      },
    ]
  return []
}
