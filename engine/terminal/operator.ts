import { printable } from '../base/printable.ts'
import { describeAction, describeUndo } from '../plan/describe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { fitsOwnWords } from '../run/free-text.ts'
import type { Decision } from '../run/model/events.ts'
import type { ByHand, NotYet, Operator, Statement, StepCondition } from '../run/model/host.ts'
import type { Action } from '../steps/types.ts'
import { placeOf, previewStep, previewUnknown } from './preview.ts'
import type { Offer, Questions } from './questions.ts'
import { painter, type Terminal, wrap } from './screen.ts'
import { type Site, siteOf } from './site.ts'

/** Returns the answers to whether a manual step is done, after it was observed as not done; a partial change cannot be skipped. */
const notYetChoices = (notYet: NotYet | undefined): Offer<'look' | 'skip' | 'abort'>[] => [
  { key: 'o', short: 'observe again', name: 'observe again: it is done', value: 'look' },
  ...(notYet?.changed ? [] : [SKIP]),
  ABORT,
]

const SKIP = { key: 's', short: 'skip', name: 'skip it (asks for a reason)', value: 'skip' as const }
const ABORT = { key: 'q', short: 'abort', name: 'abort the run (asks for a reason)', value: 'abort' as const }
const PAUSE = { key: 'p', short: 'pause', name: 'pause', value: 'pause' as const }

/** The answers to an approval step's question. */
const APPROVALS: Offer<'yes' | 'no' | 'pause'>[] = [
  PAUSE,
  { key: 'y', short: 'yes', name: 'yes, continue (asks for a statement)', value: 'yes' },
  { key: 'n', short: 'no', name: 'no, stop here (asks for a reason)', value: 'no' },
]

/** The answers to whether a manual step is done that nothing can read. */
const STATEMENTS: Offer<'yes' | 'no'>[] = [
  { key: 'n', short: 'no', name: 'no (asks for a reason)', value: 'no' },
  { key: 'y', short: 'yes', name: 'yes, it is done (asks for details)', value: 'yes' },
]

type Choice = 'apply' | 'skip' | 'show' | 'by-hand' | 'pause' | 'undo-last' | 'abort'

/** Returns the answers to a step, starting with one that changes nothing. `last` is the title of the change that can be undone. */
const choices = (last: string | undefined): Offer<Choice>[] => [
  { key: 'd', short: 'command', name: 'show the exact command', value: 'show' },
  { key: 'a', short: 'apply', name: 'apply this change', value: 'apply' },
  SKIP,
  { key: 'h', short: 'by hand', name: 'do it by hand (waits, then observes it)', value: 'by-hand' },
  PAUSE,
  ...(last === undefined
    ? []
    : [
        {
          key: 'u',
          short: 'undo last',
          name: `undo the last change (${printable(last)})`,
          value: 'undo-last' as const,
        },
      ]),
  ABORT,
]

/** Returns the answers to a manual step. */
const handChoices = (last: string | undefined): Offer<Choice>[] => [
  PAUSE,
  { key: 'h', short: 'do it', name: 'do it now (waits for you)', value: 'by-hand' },
  ...choices(last).filter(({ value }) => !['apply', 'by-hand', 'show', 'pause'].includes(value)),
]

const UNKNOWN_CHOICES: Offer<'stop' | 'pass-over'>[] = [
  { key: 's', short: 'stop', name: 'stop here and change nothing', value: 'stop' },
  { key: 'c', short: 'continue', name: 'continue without it (asks for a reason)', value: 'pass-over' },
]

/** The answers to a refused read; neither changes anything. */
const REFUSED_CHOICES: Offer<'again' | 'stop'>[] = [
  { key: 'o', short: 'observe again', name: 'observe it again', value: 'again' },
  { key: 's', short: 'stop', name: 'stop here, in doubt', value: 'stop' },
]

/** What a person must know about a step that is not as the plan showed it. */
const NOTICES: Record<Exclude<StepCondition, 'as-planned'>, string> = {
  moved: 'It has changed since the plan was shown. Review it again:',
  ambiguous: 'This change was made in part: the state is neither the old nor the wanted one. Review it again:',
  partial: 'This change was made in part, or its result was never read. Review it again:',
  'maybe-not-ours': 'gcloud reported a conflict during this change: somebody else may have made it. Review it again:',
}

/** Describes where an operator is asked: the environment, the site and, in a sandbox, the command that opens a shell in it. */
export type Scene = { environment: { protected: boolean }; site: Site; shell?: string }

/** Returns the operator who asks the person at the terminal about each step, and about a protected environment first. */
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
      print(previewStep(step, placeOf(number, of), site, terminal).join('\n'))
      return decideOn(step, environment, last, changed, questionsOf(step), print)
    },
    async enter({ name: guarded, project }) {
      print('')
      notice(`${guarded} is protected. Type its project id, ${project}, to change it. Press Esc to stop.`)
      return (await questionsAt(site).exactly('Project id', project)) ? 'typed' : 'refused'
    },
    async passOver(step) {
      print('')
      print(previewUnknown(step, site, terminal).join('\n'))
      const questions = questionsOf(step)
      for (;;) {
        const answer = await questions.choose('It could not be read. What now?', UNKNOWN_CHOICES, {
          start: 'stop',
          leave: 'stop',
        })
        if (answer === 'stop') return answer
        const reason = await questions.line('Why is it skipped?', fitsOwnWords)
        if (reason !== undefined) return { reason }
      }
    },
    byHand,
    async readAgain(step, { why, fix }) {
      notice(`The read was refused, so it is not known whether the change was made: ${why}`)
      print(`To continue, ${fix} (in another terminal if you need to), then observe it again.`)
      return questionsOf(step).choose('What now?', REFUSED_CHOICES, { start: 'again', leave: 'stop' })
    },
    async state(step, when) {
      if (when === 'cut-off') {
        print('')
        notice('The run was interrupted during this manual step, and nothing can verify it:')
        print(previewStep(step, '?', site, terminal).join('\n'))
      } else if (step.apply?.kind === 'ask') {
        print('')
        print(previewStep(step, placeOf(when.number, when.of), site, terminal).join('\n'))
      }
      const questions = questionsOf(step)
      return step.apply?.kind === 'ask' ? approve(questions) : stateDone(step, questions)
    },
  }
}

/** Returns what waits for a person to do a step by hand, and shows what is observed until it is done. */
const makeByHand =
  (
    questionsOf: (step: PlannedStep) => Questions,
    shell: string | undefined,
    print: (text: string) => void,
  ): Operator['byHand'] =>
  async (step, notYet) => {
    const questions = questionsOf(step)
    const { apply } = step
    if (notYet) print(printable(`Not done yet: ${notYet.says}`))
    else if (shell !== undefined)
      print(`To open a shell in this sandbox, run in another terminal:\n${printable(shell)}`)
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

/** Asks what the person did, if the step asks for it. Returns undefined if they don't answer. */
async function sayDone(apply: PlannedStep['apply'], questions: Questions): Promise<ByHand | undefined> {
  if (apply?.kind === 'by-hand') {
    const words = await questions.line(`When it is done, enter: ${evidenceOf(apply)}`, fitsOwnWords)
    return words === undefined ? undefined : { says: 'done', words }
  }
  const pressed = await questions.line('Press Enter when it is done, to read it back')
  return pressed === undefined ? undefined : { says: 'done' }
}

/** Asks why the run is aborted; an empty answer is allowed. */
async function whyAborted(questions: Questions): Promise<string> {
  const fits = (text: string) => text === '' || fitsOwnWords(text)
  return (await questions.line('Why is it aborted? (optional)', fits)) || 'the operator aborted the run'
}

/** Lists the changes that stay in place when the run is aborted, newest first, each with the command that undoes it. */
function sayStays(changed: PlannedStep[], print: (text: string) => void): void {
  print(changed.length === 0 ? 'This run has made no verified change.' : 'These changes of this run stay in place:')
  for (const { title, undo } of changed)
    print(printable(`  ${title}`).concat(`\n    undo: ${printable(describeUndo(undo))}`))
}

/** Returns what a person is asked for when they have done something by hand. */
const evidenceOf = ({ evidence }: Extract<Action, { kind: 'by-hand' }>): string =>
  printable(evidence ?? 'what you did, in a few words')

async function approve(questions: Questions): Promise<Statement> {
  for (;;) {
    const says = await questions.choose('Do you approve?', APPROVALS, { start: 'pause', leave: 'no' })
    if (says === 'pause') await questions.line('Paused. Press Enter to continue')
    else {
      const words = await questions.line(says === 'yes' ? 'Your statement, for the record' : 'Why not?', fitsOwnWords)
      if (words !== undefined) return { says, words }
    }
  }
}

async function stateDone({ apply }: PlannedStep, questions: Questions): Promise<Statement> {
  const asked = apply?.kind === 'by-hand' ? evidenceOf(apply) : 'what was done'
  for (;;) {
    const says = await questions.choose('Is it done? Nothing verifies it; the record cites you', STATEMENTS, {
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
        await questions.line('Paused. Press Enter to continue')
    }
  }
}

/** Returns whether the change may be applied: in a protected environment, the person types the name of what a high-risk change affects. */
async function named(
  step: PlannedStep,
  environment: { protected: boolean },
  questions: Questions,
  print: (text: string) => void,
): Promise<boolean> {
  if (step.risk !== 'high' || !environment.protected) return true
  const name = nameOf(step)
  if (await questions.exactly(`High risk: to apply it, type ${printable(name)}`, name)) return true
  print(`${printable(name)} was not typed, so nothing was changed.`)
  return false
}

/** Returns the name of what a step changes: the first name in the brackets of its key, or else its id. */
function nameOf({ key, id }: PlannedStep): string {
  const from = key.indexOf('[')
  return (from >= 0 && key.endsWith(']') && key.slice(from + 1, -1).split(',')[0]) || id
}

/** Why `--yes` does not consent to a step. */
const UNASKED: Record<Exclude<StepCondition, 'as-planned'>, string> = {
  moved: 'it has changed since the plan was shown, and --yes consents only to the plan; run again to review it',
  ambiguous:
    'the change was made in part: the state is neither the old nor the wanted one; resume without --yes to decide',
  partial: 'the change was made in part; undo it without --yes to decide',
  'maybe-not-ours':
    'gcloud reported a conflict during the change, so somebody else may have made it; --yes does not undo it',
}

/** Returns the operator of `--yes`: it applies what the plan showed, and nothing that has changed since. */
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

const NO_HANDS = 'manual step: cannot run with --yes'

/** Returns the operator of a saved plan: it ends the run at a step that has changed since the plan was made. */
export const heldToPlan = (operator: Operator, plan: string): Operator => ({
  ...operator,
  decide: async (step, seen, place) =>
    seen === 'moved'
      ? { choice: 'abort', reason: `${step.title}: it no longer matches plan ${plan}` }
      : operator.decide(step, seen, place),
})

/**
 * Returns the operator of an undo with `--yes`. It skips a change that is no longer as it was read back, and the earlier
 * changes of the same runbook, which may depend on it. A change that the undo itself made in part is not skipped: it stays
 * in doubt, as in any run.
 */
export function leavingConflicts(operator: Operator, theirs: (step: PlannedStep) => string[] = () => []): Operator {
  const left: PlannedStep[] = []
  return {
    ...operator,
    async decide(step, seen, place) {
      const dependent = left.find(({ runbook, id }) => runbook === step.runbook && id !== step.id)
      const [other] = theirs(step)
      const reason = dependent
        ? `${dependent.title} was skipped and may depend on it`
        : other === undefined
          ? CONFLICTS[seen]
          : `somebody else corrected ${other}, which may depend on this; undo it without --yes to decide`
      if (reason === undefined) return operator.decide(step, seen, place)
      left.push(step)
      return { choice: 'skip', reason }
    },
  }
}

const CONFLICTS: Partial<Record<StepCondition, string>> = {
  moved: 'it no longer matches what was read back, so somebody may have changed it; undo it without --yes to decide',
  partial: 'the change was made in part; undo it without --yes to decide',
  'maybe-not-ours':
    'gcloud reported a conflict during the change, so somebody else may have made it; undo it without --yes to decide',
}
