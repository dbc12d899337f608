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
 * Asks the person at the terminal. A question takes answers once it has been on the screen for a moment, and its default
 * changes nothing. Each throws Interrupted on Ctrl-C, a signal or a closed terminal, and on Ctrl-D if the question needs
 * an answer.
 */
export type Questions = {
  /** `start` is what Enter alone answers, so it must change nothing. Ctrl-D answers `leave` if an offer has it. */
  choose<T>(message: string, offers: Offer<T>[], safe: { start: NoInfer<T>; leave?: NoInfer<T> }): Promise<T>
  /** Asks for one of a long list, which typed text filters. */
  find<T>(message: string, offers: Offer<T>[]): Promise<T>
  several<T>(message: string, offers: Offer<T>[], check?: (chosen: T[]) => true | string): Promise<T[]>
  /** Returns undefined on Esc or Ctrl-D. Pasted text keeps its line breaks. */
  line(message: string, check?: Check, preset?: string): Promise<string | undefined>
  /** Returns whether exactly `wanted` was typed within three tries. */
  exactly(message: string, wanted: string): Promise<boolean>
  /** `preset` is what Enter alone and Ctrl-D answer. */
  yesOrNo(message: string, preset: boolean): Promise<boolean>
}

/** Returns questions at a keyboard, each below the line that names its site. */
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
  /** Breaks a message between words. */
  const fit = (message: string) => wrap(message, terminal.columns - 2, '  ')
  const fitKeys = (keys: string) => wrap(keys, terminal.columns - 1, '')
  const ask = async <T>(widget: Widget<T>): Promise<T> =>
    (await import('./prompts.ts')).ask(sited(widget, showSite(site, terminal.colour)), keyboard, stopping)
  const choose: Questions['choose'] = async (message, offers, safe) => {
    const start = Math.max(
      0,
      offers.findIndex(({ value }) => value === safe.start),
    )
    const leave = 'leave' in safe ? offers.find(({ value }) => value === safe.leave) : undefined
    return (await answerTo(ask(chooseOne(fit(message), offers, start, leave, paint, fitKeys)))).value
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

/** How often an exact word is asked for. */
const TRIES = 3

/** Draws a question below the line that names its site, until it is answered. */
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

/** Returns the answer to a question that needs one. Throws Interrupted without it. */
export async function answerTo<T>(question: Promise<T | undefined>): Promise<T> {
  const answer = await question
  if (answer === undefined) throw new Interrupted()
  return answer
}
