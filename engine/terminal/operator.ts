import { describeAction } from '../plan/describe.ts'
import type { PlannedStep } from '../plan/types.ts'
import type { Decision } from '../run/events.ts'
import type { Operator, Seen, Statement } from '../run/host.ts'
import { fitsOwnWords } from '../run/own-words.ts'
import { printable } from '../runbook/printable.ts'
import type { Action } from '../steps/types.ts'
import { previewStep, previewUnknown } from './preview.ts'
import type { Progress } from './progress.ts'
import type { Offer, Questions } from './questions.ts'
import { painter, type Terminal, wrap } from './screen.ts'

/** What a person can say to a step that only they can do. */
const handChoices = (last: string | undefined): Offer<Choice>[] => [
  { name: 'I do it now (waits for me)', value: 'by-hand' },
  ...choices(last).filter(({ value }) => value !== 'apply' && value !== 'by-hand' && value !== 'show'),
]

/** What a person can say to a step's question. */
const APPROVALS: Offer<'yes' | 'no' | 'pause'>[] = [
  { name: 'yes, go on (asks for your words)', value: 'yes' },
  { name: 'no, stop here (asks for a reason)', value: 'no' },
  { name: 'pause', value: 'pause' },
]

/** What a person can say once they had the time to do a step by hand. */
const STATEMENTS: Offer<'yes' | 'no'>[] = [
  { name: 'yes, it is done (asks for your words)', value: 'yes' },
  { name: 'no (asks for a reason)', value: 'no' },
]

type Choice = 'apply' | 'skip' | 'show' | 'by-hand' | 'pause' | 'undo-last' | 'abort'

/** What a person can say to a step, in the order in which it is offered; `last` is the change that can be taken back. */
const choices = (last: string | undefined): Offer<Choice>[] => [
  { name: 'apply this change', value: 'apply' },
  { name: 'skip it (asks for a reason)', value: 'skip' },
  { name: 'show the exact command', value: 'show' },
  { name: 'do it by hand (waits, then looks)', value: 'by-hand' },
  { name: 'pause', value: 'pause' },
  ...(last === undefined ? [] : [{ name: `undo the last (${printable(last)})`, value: 'undo-last' as const }]),
  { name: 'abort the run', value: 'abort' },
]

const UNKNOWN_CHOICES: Offer<'stop' | 'pass-over'>[] = [
  { name: 'stop here, nothing is changed', value: 'stop' },
  { name: 'go on without it (asks for a reason)', value: 'pass-over' },
]

/** What a person must know before they look at a step that is not simply as the plan showed it. */
const NOTICES: Record<Exclude<Seen, 'as-planned'>, string> = {
  moved: 'It is no longer as the plan showed it. Look again:',
  ambiguous: 'This was changed in part: it is neither as before nor as it must be. Look again:',
  'half-done': 'The change was made in part, or nobody has read what it did. Look again:',
  'maybe-not-ours': "When it was made, gcloud said that it was there already: it may be somebody else's. Look again:",
}

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
    asks: true,
    async decide(step, seen, { number, of, last }) {
      await progress.settled()
      say('')
      if (seen !== 'as-planned') notice(NOTICES[seen])
      say(previewStep(step, `${number} of ${of}`, terminal).join('\n'))
      return decideOn(step, last, questions, say)
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
    async byHand({ apply }) {
      if (apply?.kind === 'by-hand') return questions.line(`Once it is done: ${evidenceOf(apply)}`, fitsOwnWords)
      say(apply ? `The plan would have run:\n${printable(describeAction(apply))}` : '')
      await questions.line('Press Enter when it is done; then it is read back')
      return undefined
    },
    async state(step, when) {
      await progress.settled()
      if (when === 'cut-off') {
        say('')
        notice('The run was cut off while this was to be done by hand, and nothing can be read of it:')
        say(previewStep(step, '?', terminal).join('\n'))
      } else if (step.apply?.kind === 'ask') {
        say('')
        say(previewStep(step, `${when.number} of ${when.of}`, terminal).join('\n'))
      }
      return step.apply?.kind === 'ask' ? approve(questions) : stateDone(step, questions)
    },
  }
}

/** What a person is asked for when they have done something by hand. */
const evidenceOf = ({ evidence }: Extract<Action, { kind: 'by-hand' }>): string =>
  printable(evidence ?? 'what was done, in a few words')

async function approve(questions: Questions): Promise<Statement> {
  for (;;) {
    const says = await questions.choose('What do you say?', APPROVALS)
    switch (says) {
      case 'yes':
        return { says, words: await questions.line('Your words, for the record', fitsOwnWords) }
      case 'no':
        return { says, words: await questions.line('Why not?', fitsOwnWords) }
      case 'pause':
        await questions.line('Paused. Press Enter to go on')
    }
  }
}

async function stateDone({ apply }: PlannedStep, questions: Questions): Promise<Statement> {
  const says = await questions.choose('Is it done? Nobody reads it: the record has your word', STATEMENTS)
  const asked = apply?.kind === 'by-hand' ? evidenceOf(apply) : 'what was done'
  return { says, words: await questions.line(says === 'yes' ? `For the record: ${asked}` : 'Why not?', fitsOwnWords) }
}

async function decideOn(
  step: PlannedStep,
  last: string | undefined,
  questions: Questions,
  say: (text: string) => void,
): Promise<Decision> {
  for (;;) {
    const offers = step.apply?.kind === 'by-hand' ? handChoices(last) : choices(last)
    const choice = await questions.choose('What now?', offers)
    switch (choice) {
      case 'apply':
      case 'by-hand':
      case 'undo-last':
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

/** Why `--yes` says nothing to a step. */
const UNASKED: Record<Exclude<Seen, 'as-planned'>, string> = {
  moved: 'it is no longer as the plan showed it, and --yes only consents to the plan; run again to see it',
  ambiguous:
    'it was changed in part, and is neither as before nor as it must be; --yes does not decide that: resume without it',
  'half-done': 'the change was made in part, and --yes does not decide what to do about that: undo it without',
  'maybe-not-ours': 'gcloud said that it was there already when it was made, so --yes does not take it away',
}

/** Stands in for the person with `--yes`: applies what the plan showed, and nothing that has moved since. */
export const yesOperator = (name: string): Operator => ({
  name: `${name} (--yes)`,
  asks: false,
  decide: async ({ title, apply }, seen) =>
    apply?.kind === 'by-hand'
      ? { choice: 'skip', reason: NO_HANDS }
      : seen === 'as-planned'
        ? { choice: 'apply' }
        : { choice: 'abort', reason: `${title}: ${UNASKED[seen]}` },
  enter: async () => 'not-asked',
  passOver: async () => 'stop',
  byHand: async () => undefined,
  state: async ({ apply }) =>
    apply?.kind === 'ask'
      ? { says: 'yes', words: 'consented beforehand with --yes' }
      : { says: 'nothing', why: NO_HANDS },
})

const NO_HANDS = 'it is done by hand, and --yes has no hands: run without it'

/** The same operator for a saved plan: what moved under it is not the plan any more, so nobody is asked about it. */
export const heldToPlan = (operator: Operator, plan: string): Operator => ({
  ...operator,
  decide: async (step, seen, place) =>
    seen === 'moved'
      ? { choice: 'abort', reason: `${step.title} is no longer as the plan ${plan} says` }
      : operator.decide(step, seen, place),
})

/**
 * The same operator for taking changes back unasked: what is no longer as our change left it is left alone, and so is
 * what the same runbook had changed before it, since that may lean on it. What the undo itself has left in part is no
 * conflict with anybody: it stays in doubt, as in any run.
 */
export function leavingConflicts(operator: Operator): Operator {
  const left: PlannedStep[] = []
  return {
    ...operator,
    async decide(step, seen, place) {
      const leans = left.find(({ runbook, id }) => runbook === step.runbook && id !== step.id)
      const reason = leans ? `${leans.title}: was left, and may lean on it` : CONFLICTS[seen]
      if (reason === undefined) return operator.decide(step, seen, place)
      left.push(step)
      return { choice: 'skip', reason }
    },
  }
}

const CONFLICTS: Partial<Record<Seen, string>> = {
  moved:
    'it is not as the change was read back, so somebody may have changed it since; undo it without --yes to decide',
  'half-done': 'it was changed in part; undo it without --yes to decide',
  'maybe-not-ours': 'gcloud said that it was there already when it was made; undo it without --yes to decide',
}
