import { printable } from '../base/printable.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { fitsOwnWords } from '../run/free-text.ts'
import type { Decision } from '../run/model/events.ts'
import type { ByHand, NotYet, Operator, Seen, Statement } from '../run/model/host.ts'
import type { Action } from '../steps/types.ts'
import { previewStep, previewUnknown } from './preview.ts'
import type { Offer, Questions } from './questions.ts'
import { painter, type Terminal, wrap } from './screen.ts'
import { type Site, siteOf } from './site.ts'

/** What a person can say to a step that they do by hand and that is not done yet, as observed; what is changed in part is not skipped. */
const notYetChoices = (notYet: NotYet | undefined): Offer<'look' | 'skip' | 'abort'>[] => [
  { key: 'l', name: 'it is done: observe it again', value: 'look' },
  ...(notYet?.changed ? [] : [{ key: 's', name: 'skip it (asks for a reason)', value: 'skip' as const }]),
  { key: 'q', name: 'abort the run', value: 'abort' },
]

/** What a person can say to a step's question. */
const APPROVALS: Offer<'yes' | 'no' | 'pause'>[] = [
  { key: 'p', name: 'pause', value: 'pause' },
  { key: 'y', name: 'yes, go on (asks for your words)', value: 'yes' },
  { key: 'n', name: 'no, stop here (asks for a reason)', value: 'no' },
]

/** What a person can say once they had the time to do a step by hand. */
const STATEMENTS: Offer<'yes' | 'no'>[] = [
  { key: 'n', name: 'no (asks for a reason)', value: 'no' },
  { key: 'y', name: 'yes, it is done (asks for your words)', value: 'yes' },
]

type Choice = 'apply' | 'skip' | 'show' | 'by-hand' | 'pause' | 'undo-last' | 'abort'

/** What a person can say to a step, in the order in which it is offered: what changes nothing stands first. `last` is the change that can be taken back. */
const choices = (last: string | undefined): Offer<Choice>[] => [
  { key: 'd', name: 'show the exact command', value: 'show' },
  { key: 'a', name: 'apply this change', value: 'apply' },
  { key: 's', name: 'skip it (asks for a reason)', value: 'skip' },
  { key: 'h', name: 'do it by hand (waits, then looks)', value: 'by-hand' },
  { key: 'p', name: 'pause', value: 'pause' },
  ...(last === undefined
    ? []
    : [{ key: 'u', name: `undo the last (${printable(last)})`, value: 'undo-last' as const }]),
  { key: 'q', name: 'abort the run', value: 'abort' },
]

/** What a person can say to a step that only they can do. */
const handChoices = (last: string | undefined): Offer<Choice>[] => [
  { key: 'p', name: 'pause', value: 'pause' },
  { key: 'h', name: 'I do it now (waits for me)', value: 'by-hand' },
  ...choices(last).filter(({ value }) => !['apply', 'by-hand', 'show', 'pause'].includes(value)),
]

const UNKNOWN_CHOICES: Offer<'stop' | 'pass-over'>[] = [
  { key: 's', name: 'stop here, nothing is changed', value: 'stop' },
  { key: 'g', name: 'go on without it (asks for a reason)', value: 'pass-over' },
]

/** What a person can say to a step whose reading is refused: both change nothing. */
const REFUSED_CHOICES: Offer<'again' | 'stop'>[] = [
  { key: 'o', name: 'observe it again', value: 'again' },
  { key: 's', name: 'stop here, in doubt', value: 'stop' },
]

/** What a person must know before they look at a step that is not simply as the plan showed it. */
const NOTICES: Record<Exclude<Seen, 'as-planned'>, string> = {
  moved: 'It is no longer as the plan showed it. Look again:',
  ambiguous: 'This was changed in part: it is neither as before nor as it must be. Look again:',
  'half-done': 'The change was made in part, or nobody has read what it did. Look again:',
  'maybe-not-ours': "When it was made, gcloud reported a conflict: it may be somebody else's. Look again:",
}

/** What an operator is asked in: the environment, where it is, and the command that opens a shell into its sandbox, where it is one. */
export type Scene = { environment: { protected: boolean }; site: Site; shell?: string }

/** Asks the person at the terminal about each step, and about a protected environment before the first. */
export function askingOperator(
  name: string,
  { environment, site, shell }: Scene,
  terminal: Terminal,
  questionsAt: (site: Site) => Questions,
  print: (text: string) => void,
): Operator {
  const questionsOf = (step: PlannedStep) => questionsAt(siteOf(step, site))
  const byHand = makeByHand(questionsOf, shell, print)
  const notice = (text: string) =>
    print(painter(terminal.colour)('notice', wrap(printable(text), terminal.columns, '')))
  return {
    name,
    asks: true,
    async decide(step, seen, { number, of, last, changed = [] }) {
      print('')
      if (seen !== 'as-planned') notice(NOTICES[seen])
      print(previewStep(step, `${number} of ${of}`, site, terminal).join('\n'))
      return decideOn(step, environment, last, changed, questionsOf(step), print)
    },
    async enter({ name: guarded, project }) {
      print('')
      notice(`${guarded} is protected. Type its project id, ${project}, to change it; Esc stops here.`)
      return (await questionsAt(site).exactly('Project id', project)) ? 'typed' : 'refused'
    },
    async passOver(step) {
      print('')
      print(previewUnknown(step, site, terminal).join('\n'))
      const questions = questionsOf(step)
      for (;;) {
        const answer = await questions.choose('It blocks the run. What now?', UNKNOWN_CHOICES, {
          start: 'stop',
          leave: 'stop',
        })
        if (answer === 'stop') return answer
        const reason = await questions.line('Why is it passed over?', fitsOwnWords)
        if (reason !== undefined) return { reason }
      }
    },
    byHand,
    async readAgain(step, { why, fix }) {
      notice(`Reading is refused, so nobody knows whether the change is there: ${why}`)
      print(`To go on, ${fix}, in another terminal if need be; then observe it again.`)
      return questionsOf(step).choose('What now?', REFUSED_CHOICES, { start: 'again', leave: 'stop' })
    },
    async state(step, when) {
      if (when === 'cut-off') {
        print('')
        notice('The run was cut off while this was to be done by hand, and nothing can be read of it:')
        print(previewStep(step, '?', site, terminal).join('\n'))
      } else if (step.apply?.kind === 'ask') {
        print('')
        print(previewStep(step, `${when.number} of ${when.of}`, site, terminal).join('\n'))
      }
      const questions = questionsOf(step)
      return step.apply?.kind === 'ask' ? approve(questions) : stateDone(step, questions)
    },
  }
}

/** Waits for a person who does a step by hand; says how, and what is observed while it is not done. */
const makeByHand =
  (
    questionsOf: (step: PlannedStep) => Questions,
    shell: string | undefined,
    print: (text: string) => void,
  ): Operator['byHand'] =>
  async (step, notYet) => {
    const questions = questionsOf(step)
    const { apply } = step
    if (notYet) print(printable(`Not done yet, as observed: ${notYet.says}`))
    else {
      if (apply && apply.kind !== 'by-hand') print(`The plan would have run:\n${printable(describeAction(apply))}`)
      if (shell !== undefined) print(`A shell in this sandbox, in another terminal:\n${printable(shell)}`)
    }
    let first = notYet === undefined
    for (;;) {
      const choice = first
        ? 'look'
        : await questions.choose('Is it done?', notYetChoices(notYet), { start: 'look', leave: 'abort' })
      switch (choice) {
        case 'look': {
          const said =
            first || apply?.kind === 'by-hand' ? await sayDone(apply, questions) : ({ says: 'done' } as const)
          if (said) return said
          break
        }
        case 'skip': {
          const reason = await questions.line('Why is it skipped?', fitsOwnWords)
          if (reason !== undefined) return { says: 'skip', reason }
          break
        }
        case 'abort':
          return { says: 'abort', reason: await whyAborted(questions) }
      }
      first = false
    }
  }

/** Asks for a person's words on what they did, where the step asks for them; undefined where they leave that. */
async function sayDone(apply: PlannedStep['apply'], questions: Questions): Promise<ByHand | undefined> {
  if (apply?.kind === 'by-hand') {
    const words = await questions.line(`Once it is done: ${evidenceOf(apply)}`, fitsOwnWords)
    return words === undefined ? undefined : { says: 'done', words }
  }
  const pressed = await questions.line('Press Enter when it is done; then it is read back')
  return pressed === undefined ? undefined : { says: 'done' }
}

/** Asks why a run is aborted, which needs no answer. */
async function whyAborted(questions: Questions): Promise<string> {
  const fits = (text: string) => text === '' || fitsOwnWords(text)
  return (
    (await questions.line('Why is it aborted? Enter alone gives no reason', fits)) || 'the operator aborted the run'
  )
}

/** Says what a run has changed and what stays so when it is aborted, the newest first, each with what would undo it. */
function sayStays(changed: PlannedStep[], print: (text: string) => void): void {
  print(
    changed.length === 0
      ? 'This run has no change that was read back so far.'
      : 'Changed by this run, and it stays so:',
  )
  for (const { title, undo } of changed)
    print(printable(`  ${title}`).concat(`\n    undo: ${printable(describeUndo(undo))}`))
}

/** What a person is asked for when they have done something by hand. */
const evidenceOf = ({ evidence }: Extract<Action, { kind: 'by-hand' }>): string =>
  printable(evidence ?? 'what was done, in a few words')

async function approve(questions: Questions): Promise<Statement> {
  for (;;) {
    const says = await questions.choose('What do you say?', APPROVALS, { start: 'pause', leave: 'no' })
    if (says === 'pause') await questions.line('Paused. Press Enter to go on')
    else {
      const words = await questions.line(says === 'yes' ? 'Your words, for the record' : 'Why not?', fitsOwnWords)
      if (words !== undefined) return { says, words }
    }
  }
}

async function stateDone({ apply }: PlannedStep, questions: Questions): Promise<Statement> {
  const asked = apply?.kind === 'by-hand' ? evidenceOf(apply) : 'what was done'
  for (;;) {
    const says = await questions.choose('Is it done? Nobody reads it: the record has your word', STATEMENTS, {
      start: 'no',
      leave: 'no',
    })
    const words = await questions.line(says === 'yes' ? `For the record: ${asked}` : 'Why not?', fitsOwnWords)
    if (words !== undefined) return { says, words }
  }
}

async function decideOn(
  step: PlannedStep,
  environment: { protected: boolean },
  last: string | undefined,
  changed: PlannedStep[],
  questions: Questions,
  print: (text: string) => void,
): Promise<Decision> {
  const byHand = step.apply?.kind === 'by-hand'
  for (;;) {
    const offers = byHand ? handChoices(last) : choices(last)
    const choice = await questions.choose('What now?', offers, { start: byHand ? 'pause' : 'show', leave: 'abort' })
    switch (choice) {
      case 'apply':
        if (await named(step, environment, questions, print)) return { choice }
        break
      case 'by-hand':
      case 'undo-last':
        return { choice }
      case 'abort':
        sayStays(changed, print)
        return { choice, reason: await whyAborted(questions) }
      case 'skip': {
        const reason = await questions.line('Why is it skipped?', fitsOwnWords)
        if (reason !== undefined) return { choice, reason }
        break
      }
      case 'show':
        print(step.apply ? printable(describeAction(step.apply)) : '')
        break
      case 'pause':
        await questions.line('Paused. Press Enter to go on')
    }
  }
}

/** Whether the change may be applied: one of high risk in a protected environment only once the person has typed what it changes. */
async function named(
  step: PlannedStep,
  environment: { protected: boolean },
  questions: Questions,
  print: (text: string) => void,
): Promise<boolean> {
  if (step.risk !== 'high' || !environment.protected) return true
  const name = nameOf(step)
  if (await questions.exactly(`High risk: to apply it, type ${printable(name)}`, name)) return true
  print(`${printable(name)} was not typed: nothing was changed.`)
  return false
}

/** What a step changes, by the name in its key: the first in the brackets where it is one of several, or else its id. */
function nameOf({ key, id }: PlannedStep): string {
  const from = key.indexOf('[')
  return (from >= 0 && key.endsWith(']') && key.slice(from + 1, -1).split(',')[0]) || id
}

/** Why `--yes` says nothing to a step. */
const UNASKED: Record<Exclude<Seen, 'as-planned'>, string> = {
  moved: 'it is no longer as the plan showed it, and --yes only consents to the plan; run again to see it',
  ambiguous:
    'it was changed in part, and is neither as before nor as it must be; --yes does not decide that: resume without it',
  'half-done': 'the change was made in part, and --yes does not decide what to do about that: undo it without',
  'maybe-not-ours': "gcloud reported a conflict when it was made: it may be somebody else's, so --yes does not undo it",
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
  byHand: async () => ({ says: 'skip', reason: NO_HANDS }),
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
      ? { choice: 'abort', reason: `${step.title}: it is no longer as the plan ${plan} says` }
      : operator.decide(step, seen, place),
})

/**
 * The same operator for taking changes back unasked: what is no longer as our change left it is left alone, and so is
 * what the same runbook had changed before it, since that may lean on it. What the undo itself has left in part is no
 * conflict with anybody: it stays in doubt, as in any run.
 */
export function leavingConflicts(operator: Operator, theirs: (step: PlannedStep) => string[] = () => []): Operator {
  const left: PlannedStep[] = []
  return {
    ...operator,
    async decide(step, seen, place) {
      const leans = left.find(({ runbook, id }) => runbook === step.runbook && id !== step.id)
      const [other] = theirs(step)
      const reason = leans
        ? `${leans.title}: was left, and may lean on it`
        : other === undefined
          ? CONFLICTS[seen]
          : `${other}: somebody else made it right, and it may lean on this; undo it without --yes to decide`
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
  'maybe-not-ours':
    "gcloud reported a conflict when it was made: it may be somebody else's; undo it without --yes to decide",
}
