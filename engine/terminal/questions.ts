import { Interrupted } from '../run/host.ts'
import { lendKeyboard } from './keyboard.ts'

/** One of several answers that are offered: what is shown, what it means and, where it helps, a line about it. */
export type Offer<T> = { name: string; value: T; description?: string; checked?: boolean }

/** Says what is wrong with a typed line, or true. */
export type Check = (text: string) => true | string

/** The ways to ask the person at the terminal. Each throws Interrupted on Ctrl-C, a signal or a closed terminal. */
export type Questions = {
  choose<T>(message: string, offers: Offer<T>[]): Promise<T>
  /** The same for a long list: what is typed narrows it down. */
  find<T>(message: string, offers: Offer<T>[]): Promise<T>
  several<T>(message: string, offers: Offer<T>[], check?: (chosen: T[]) => true | string): Promise<T[]>
  line(message: string, check?: Check, preset?: string): Promise<string>
  yesOrNo(message: string, preset: boolean): Promise<boolean>
}

/** So many lines of a list are seen at once: all that a step offers, with two of them broken over two lines. */
const PAGE = 10

/** Questions that inquirer asks at a keyboard, until the person wants to stop. */
export function questionsUntil(stopping: AbortSignal, keyboard: NodeJS.ReadStream): Questions {
  const ask = async <T>(question: object): Promise<T> => {
    const { default: inquirer } = await import('inquirer')
    const keys = lendKeyboard(keyboard)
    const prompt = inquirer.createPromptModule({ signal: stopping, input: keys.input })
    try {
      const { answer } = (await prompt([{ ...question, name: 'answer' } as never])) as { answer: T }
      return answer
    } catch (error) {
      // Nobody's mistake: Ctrl-C at the question, or a signal while it stood there.
      if (['ExitPromptError', 'AbortPromptError'].includes((error as Error).name)) throw new Interrupted()
      throw error
    } finally {
      keys.release()
    }
  }
  return {
    choose: (message, choices) => ask({ type: 'select', message, choices, loop: false, pageSize: PAGE }),
    find: (message, offers) =>
      ask({ type: 'search', message, source: (typed: string | undefined) => matching(offers, typed ?? '') }),
    several: (message, choices, check = () => true) =>
      ask({
        type: 'checkbox',
        message,
        choices,
        loop: false,
        validate: (chosen: readonly Offer<never>[]) => check(chosen.map(({ value }) => value)),
      }),
    line: async (message, check = () => true, preset) => {
      const validate = (text: string) => check(text.trim())
      return (await ask<string>({ type: 'input', message, validate, ...(preset ? { default: preset } : {}) })).trim()
    },
    yesOrNo: (message, preset) => ask({ type: 'confirm', message, default: preset }),
  }
}

/** The offers in which every typed word stands, in name or description. */
export function matching<T>(offers: Offer<T>[], typed: string): Offer<T>[] {
  const words = typed.toLowerCase().split(/\s+/)
  return offers.filter(({ name, description }) => {
    const text = `${name} ${description ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
