import { describeAction } from '../plan/describe.ts'
import type { PlannedStep } from '../plan/types.ts'
import type { Decision } from '../run/events.ts'
import { Interrupted, type Operator } from '../run/host.ts'
import { previewStep } from './preview.ts'
import type { Progress } from './progress.ts'
import { painter, type Terminal } from './screen.ts'

type Choice = 'apply' | 'skip' | 'show' | 'abort'

/** Asks the person at the terminal about each step: apply, skip with a reason, show the command, abort. */
export function askingOperator(
  name: string,
  terminal: Terminal,
  progress: Progress,
  say: (text: string) => void,
): Operator {
  return {
    name,
    async decide(step, moved, { number, of }) {
      await progress.settled()
      say('')
      if (moved) say(painter(terminal.colour)('notice', 'It is no longer as the plan showed it. Look again:'))
      say(previewStep(step, `${number} of ${of}`, terminal).join('\n'))
      return decideOn(step, say)
    },
  }
}

async function decideOn(step: PlannedStep, say: (text: string) => void): Promise<Decision> {
  const { default: inquirer } = await import('inquirer')
  try {
    for (;;) {
      const { choice } = await inquirer.prompt<{ choice: Choice }>([
        {
          type: 'select',
          name: 'choice',
          message: 'What now?',
          choices: [
            { name: 'apply this change', value: 'apply' },
            { name: 'skip it (asks for a reason)', value: 'skip' },
            { name: 'show the exact command', value: 'show' },
            { name: 'abort the run', value: 'abort' },
          ],
        },
      ])
      if (choice === 'apply') return { choice }
      if (choice === 'abort') return { choice, reason: 'the operator aborted the run' }
      if (choice === 'show') say(step.apply ? describeAction(step.apply) : '')
      if (choice === 'skip') return { choice, reason: await askReason(inquirer) }
    }
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError') throw new Interrupted()
    throw error
  }
}

async function askReason(inquirer: typeof import('inquirer').default): Promise<string> {
  const { reason } = await inquirer.prompt<{ reason: string }>([
    {
      type: 'input',
      name: 'reason',
      message: 'Why is it skipped?',
      validate: (text: string) => text.trim() !== '' || 'The record needs a reason; a few words will do.',
    },
  ])
  return reason.trim()
}

/** Stands in for the person with `--yes`: applies what the plan showed, and nothing that has moved since. */
export const yesOperator = (name: string): Operator => ({
  name: `${name} (--yes)`,
  decide: async (step, moved) =>
    moved
      ? {
          choice: 'abort',
          reason: `${step.title}: it is no longer as the plan showed it, and --yes only consents to the plan; run again to see it`,
        }
      : { choice: 'apply' },
})
