import { describeAction } from '../plan/describe.ts'
import type { PlannedStep } from '../plan/types.ts'
import type { Decision } from '../run/events.ts'
import type { Operator } from '../run/host.ts'
import { fitsOwnWords } from '../run/own-words.ts'
import { printable } from '../runbook/printable.ts'
import { previewStep, previewUnknown } from './preview.ts'
import type { Progress } from './progress.ts'
import type { Offer, Questions } from './questions.ts'
import { painter, type Terminal, wrap } from './screen.ts'

type Choice = 'apply' | 'skip' | 'show' | 'by-hand' | 'pause' | 'abort'

/** What a person can say to a step, in the order in which it is offered. */
const CHOICES: Offer<Choice>[] = [
  { name: 'apply this change', value: 'apply' },
  { name: 'skip it (asks for a reason)', value: 'skip' },
  { name: 'show the exact command', value: 'show' },
  { name: 'do it by hand (waits, then looks)', value: 'by-hand' },
  { name: 'pause', value: 'pause' },
  { name: 'abort the run', value: 'abort' },
]

const UNKNOWN_CHOICES: Offer<'stop' | 'pass-over'>[] = [
  { name: 'stop here, nothing is changed', value: 'stop' },
  { name: 'go on without it (asks for a reason)', value: 'pass-over' },
]

/** Asks the person at the terminal about each step, and about a protected environment before the first. */
export function askingOperator(
  name: string,
  terminal: Terminal,
  questions: Questions,
  progress: Progress,
  say: (text: string) => void,
): Operator {
  const notice = (text: string) => say(painter(terminal.colour)('notice', wrap(printable(text), terminal.columns, '')))
  return {
    name,
    async decide(step, moved, { number, of }) {
      await progress.settled()
      say('')
      if (moved) notice('It is no longer as the plan showed it. Look again:')
      say(previewStep(step, `${number} of ${of}`, terminal).join('\n'))
      return decideOn(step, questions, say)
    },
    async enter({ name: environment, project }) {
      await progress.settled()
      say('')
      notice(`${environment} is protected. Type its project id, ${project}, to change it; anything else stops here.`)
      return (await questions.line('Project id')) === project ? 'typed' : 'refused'
    },
    async passOver(step) {
      await progress.settled()
      say('')
      say(previewUnknown(step, terminal).join('\n'))
      const answer = await questions.choose('It blocks the run. What now?', UNKNOWN_CHOICES)
      return answer === 'stop' ? answer : { reason: await questions.line('Why is it passed over?', fitsOwnWords) }
    },
    async byHand(step) {
      say(step.apply ? `The plan would have run:\n${printable(describeAction(step.apply))}` : '')
      await questions.line('Press Enter when it is done; then it is read back')
    },
  }
}

async function decideOn(step: PlannedStep, questions: Questions, say: (text: string) => void): Promise<Decision> {
  for (;;) {
    const choice = await questions.choose('What now?', CHOICES)
    switch (choice) {
      case 'apply':
      case 'by-hand':
        return { choice }
      case 'abort':
        return { choice, reason: 'the operator aborted the run' }
      case 'skip':
        return { choice, reason: await questions.line('Why is it skipped?', fitsOwnWords) }
      case 'show':
        say(step.apply ? printable(describeAction(step.apply)) : '')
        break
      case 'pause':
        await questions.line('Paused. Press Enter to go on')
    }
  }
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
  enter: async () => 'not-asked',
  passOver: async () => 'stop',
  byHand: async () => {},
})

/** The same operator for a saved plan: what moved under it is not the plan any more, so nobody is asked about it. */
export const heldToPlan = (operator: Operator, plan: string): Operator => ({
  ...operator,
  decide: async (step, moved, place) =>
    moved
      ? { choice: 'abort', reason: `${step.title} is no longer as the plan ${plan} says` }
      : operator.decide(step, moved, place),
})
