import { Interrupted } from '../run/model/host.ts'
import type { Keyboard } from './keyboard.ts'
import { painter, type Terminal, wrap } from './screen.ts'
import { type Site, showSite } from './site.ts'
import {
  type Check,
  chooseOne,
  chooseSeveral,
  findOne,
  type Offer,
  typeExactly,
  type Widget,
  writeLine,
} from './widgets.ts'

export type { Check, Offer } from './widgets.ts'

/**
 * The ways to ask the person at the terminal. A question takes answers once it has stood for a moment, and its default
 * changes nothing. Each throws Interrupted on Ctrl-C, a signal or a closed terminal, and where Ctrl-D leaves a question
 * that nothing can be done without.
 */
export type Questions = {
  /** `start` is where the pointer stands at first, so Enter alone answers it: it must change nothing. Ctrl-D answers `leave`, where one of the offers has it. */
  choose<T>(message: string, offers: Offer<T>[], safe: { start: NoInfer<T>; leave?: NoInfer<T> }): Promise<T>
  /** The same for a long list: what is typed narrows it down. */
  find<T>(message: string, offers: Offer<T>[]): Promise<T>
  several<T>(message: string, offers: Offer<T>[], check?: (chosen: T[]) => true | string): Promise<T[]>
  /** Answers undefined where the person leaves it without an answer (Esc, Ctrl-D). A paste keeps its lines. */
  line(message: string, check?: Check, preset?: string): Promise<string | undefined>
  /** Answers whether exactly that was typed; what is wrong is said and asked for again, three times in all. */
  exactly(message: string, wanted: string): Promise<boolean>
  /** `preset` is what Enter alone answers; so does Ctrl-D. */
  yesOrNo(message: string, preset: boolean): Promise<boolean>
}

/** Asks questions at a keyboard, until the person wants to stop; each says where it is about. */
export function questionsAt(
  {
    keyboard,
    terminal,
    stopping,
  }: {
    keyboard: Keyboard
    terminal: Terminal
    stopping: AbortSignal
  },
  site: Site,
): Questions {
  const paint = painter(terminal.colour)
  /** Breaks at words what would be broken within them. */
  const fit = (message: string) => wrap(message, terminal.columns - 2, '  ')
  const ask = async <T>(widget: Widget<T>): Promise<T> =>
    (await import('./prompts.ts')).ask(sited(widget, showSite(site, terminal.colour)), keyboard, stopping)
  const choose: Questions['choose'] = async (message, offers, safe) => {
    const start = Math.max(
      0,
      offers.findIndex(({ value }) => value === safe.start),
    )
    const leave = 'leave' in safe ? offers.find(({ value }) => value === safe.leave) : undefined
    return (await answerTo(ask(chooseOne(fit(message), offers, start, leave, paint)))).value
  }
  return {
    choose,
    find: (message, offers) => answerTo(ask(findOne(fit(message), offers, paint))),
    several: (message, offers, check = () => true) => answerTo(ask(chooseSeveral(fit(message), offers, check, paint))),
    line: (message, check = () => true, preset) => ask(writeLine(fit(message), check, preset, paint)),
    exactly: (message, wanted) => ask(typeExactly(fit(message), wanted, TRIES, paint)),
    yesOrNo: (message, preset) => choose(message, YES_OR_NO, { start: preset, leave: preset }),
  }
}

/** So often a word that must be exactly one is asked for. */
const TRIES = 3

/** Draws a question below the line that says where it is about, until it is answered. */
function sited<T>(widget: Widget<T>, site: string): Widget<T> {
  let answered = false
  return {
    ...widget,
    view(open, page) {
      const [above, below] = widget.view(open, page)
      return [answered ? above : `${site}\n${above}`, below]
    },
    key(key, editor) {
      const answer = widget.key(key, editor)
      answered = answer !== undefined
      return answer
    },
  }
}

const YES_OR_NO: Offer<boolean>[] = [
  { key: 'n', name: 'no', value: false },
  { key: 'y', name: 'yes', value: true },
]

/** The answer to a question that nothing can be done without. Throws Interrupted. */
export async function answerTo<T>(question: Promise<T | undefined>): Promise<T> {
  const answer = await question
  if (answer === undefined) throw new Interrupted()
  return answer
}
