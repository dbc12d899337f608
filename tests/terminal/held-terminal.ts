import { write } from 'node:fs'
import { createRequire } from 'node:module'
import { stripVTControlCharacters } from 'node:util'
import pty from '@lydell/node-pty'
import { atTheEnd } from '../at-the-end.ts'
import { type Desk, main } from '../saved-plans/sandbox-desk.ts'

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless')

/** The keys of a keyboard that are not letters. */
export const KEY = { enter: '\r', down: '\x1b[B', up: '\x1b[A', space: ' ', interrupt: '\x03', clear: '\x15' } as const

/** A program in a terminal of its own, with a person's hands and eyes. */
export type HeldTerminal = {
  pid: number
  /** All that can be read on it, scrolled away or not. */
  screen(): string
  /** What the program wrote, control codes and all. */
  written(): string
  press(keys: string): void
  /** Waits for a text after the one that was last waited for; line breaks count as blanks. Throws with the screen. */
  waitFor(text: string): Promise<void>
  /** Waits for the question of a long list, types a part of an offer until it is the first, and takes it. */
  find(question: string, part: string): Promise<void>
  /** Waits for a question, moves to the answer that starts with that text, and takes it. */
  choose(question: string, answer: string): Promise<void>
  /** Waits for a question and types its answer. */
  type(question: string, answer: string): Promise<void>
  /** Answers the exit code, or the signal where there is none. */
  ended: Promise<{ exitCode: number; signal?: number }>
  /** Closes the window. */
  close(): void
}

const PATIENCE_MS = 60_000

/** Starts a program in a terminal of so many columns; it is ended with the test file. */
export function holdTerminal(
  [file = '', ...argv]: string[],
  given: { columns: number; cwd: string; environment: Record<string, string> },
): HeldTerminal {
  const { columns: cols, cwd, environment } = given
  const rows = 40
  const shown = new Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true })
  const child = pty.spawn(file, argv, { name: 'xterm-256color', cols, rows, cwd, env: environment })
  const { fd } = child as unknown as { fd: number }
  let [written, looked, gone] = ['', 0, false]
  let typing: Promise<void> = Promise.resolve()
  child.onData((data) => {
    written += data
    shown.write(data)
  })
  const ended = new Promise<{ exitCode: number; signal?: number }>((resolve) => child.onExit(resolve))
  void ended.then(() => (gone = true))
  atTheEnd(() => void (gone || child.kill('SIGKILL')))
  const screen = () => {
    const { active } = shown.buffer
    return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
      .join('\n')
      .trimEnd()
  }
  const read = () => stripVTControlCharacters(written).replaceAll(/\s+/g, ' ')
  const until = async (met: () => boolean, what: string) => {
    const late = Date.now() + PATIENCE_MS
    while (!met()) {
      if (gone || Date.now() > late) throw new Error(`${what} did not appear. The screen:\n${screen()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const waitFor = async (text: string) => {
    await until(() => read().includes(text, looked), text)
    looked = read().indexOf(text, looked) + text.length
  }
  const press = (keys: string) => {
    typing = typing.then(() => typeInto(fd, keys))
  }
  /** The answer that the pointer is at, of the last question of that text. */
  const pointed = (question: string) => {
    const from = screen().lastIndexOf(`? ${question.split(' ')[0]}`)
    return /❯ *(?:[◯◉] )?(.*)/.exec(from < 0 ? '' : screen().slice(from))?.[1]
  }
  return {
    pid: child.pid,
    screen,
    written: () => written,
    press,
    waitFor,
    async find(question, part) {
      await waitFor(`? ${question}`)
      press(part)
      // Enter is not taken while the list is being narrowed.
      await until(() => pointed(question)?.includes(part) === true && screen().includes(`${question} ${part}`), part)
      await new Promise((resolve) => setTimeout(resolve, 500))
      press(KEY.enter)
      await waitFor(`✔ ${question}`)
    },
    async choose(question, answer) {
      await waitFor(`? ${question}`)
      await until(() => pointed(question) !== undefined, `an answer to ${question}`)
      for (let moves = 0; !pointed(question)?.startsWith(answer); moves++) {
        if (moves > 50) throw new Error(`${answer} is not offered. The screen:\n${screen()}`)
        const before = pointed(question)
        press(KEY.down)
        await until(() => pointed(question) !== before, `another answer than ${before}`)
      }
      press(KEY.enter)
      await waitFor(`✔ ${question}`)
    },
    async type(question, answer) {
      await waitFor(`? ${question}`)
      press(`${answer}${KEY.enter}`)
      await waitFor(`✔ ${question}`)
    },
    ended,
    close: () => child.kill('SIGHUP'),
  }
}

/** Types as fast as the program reads: a write that waits would keep this process from reading what is drawn. */
async function typeInto(fd: number, keys: string): Promise<void> {
  let rest = Buffer.from(keys)
  while (rest.length > 0) {
    const sent = await new Promise<number>((resolve) =>
      write(fd, rest, 0, Math.min(rest.length, 1024), null, (error, count) => resolve(error ? 0 : count)),
    )
    rest = rest.subarray(sent)
    if (sent === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** A person's terminal at a desk, with `breakglass` in it. */
export const sit = (desk: Desk, argv: string[], columns = 80, environment: Record<string, string> = {}): HeldTerminal =>
  holdTerminal([process.execPath, main, ...argv], {
    columns,
    cwd: desk.folder,
    environment: { ...desk.environment, TERM: 'xterm-256color', ...environment },
  })
