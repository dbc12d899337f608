import type { ApproveStepTemplate, ManualStepTemplate, WaitStepTemplate } from '../types.ts'
import { type Context, checkText } from './expressions.ts'
import type { Finding, Path } from './findings.ts'
import { lintLook } from './observe.ts'

/** The kinds in which a person does something, or time does. */
type Persons = ManualStepTemplate | WaitStepTemplate | ApproveStepTemplate

/** The mistakes in a manual, wait or approve step. */
export function lintPersons(context: Context, path: Path, step: Persons): void {
  context.findings.push(...lintCommands(path, step))
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
  if (step.observe) lintLook(context, path, step)
}

/** No command changes anything here, so there is none to apply, to take back or to try again. */
const lintCommands = (path: Path, step: Persons): Finding[] =>
  ['apply', 'undo', 'retry', ...(step.kind === 'manual' ? [] : ['settle'])]
    .filter((key) => key in step)
    .map((key) => ({
      path: [...path, key],
      on: 'key' as const,
      message: `${article(step.kind)} step has no \`${key}\``,
      hint: step.kind === 'wait' ? 'say how long with `wait`' : 'put it into a step of its own, or leave it out',
    }))

const article = (kind: Persons['kind']): string => `${kind === 'approve' ? 'an' : 'a'} ${kind}`

/** What is waited for must be read; where nothing is read, only the time can be waited for. */
function lintWait(path: Path, { wait, observe }: WaitStepTemplate): Finding[] {
  if ('for' in wait && observe)
    return [
      {
        path: [...path, 'wait', 'for'],
        on: 'key',
        message: 'the wait goes on for so long, whatever `observe` reads',
        hint: 'write `within` instead of `for`, or leave `observe` and `expect` out',
      },
    ]
  if ('within' in wait && !observe)
    return [
      {
        path: [...path, 'wait', 'within'],
        on: 'key',
        message: 'there is nothing to read that could hold within that time',
        hint: 'add `observe` and `expect`, or write `for` instead of `within`',
      },
    ]
  return []
}
