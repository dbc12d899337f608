import { write } from 'node:fs'
import { createRequire } from 'node:module'
import { stripVTControlCharacters } from 'node:util'
import pty from '@lydell/node-pty'
import { atTheEnd } from '../at-the-end.ts'
import { type Desk, main } from '../saved-plans/sandbox-desk.ts'

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless')

/** The keys that are not letters. */
export const KEY = {
  enter: '\r',
  down: '\x1b[B',
  up: '\x1b[A',
  space: ' ',
  interrupt: '\x03',
  suspend: '\x1a',
  leave: '\x04',
  escape: '\x1b',
  clear: '\x15',
} as const

/** A program in its own terminal, which a test types into and reads. */
export type HeldTerminal = {
  pid: number
  /** Returns the text of the screen and of what scrolled away. */
  screen(): string
  /** Returns what the program wrote, with control codes. */
  written(): string
  press(keys: string): void
  /** Shows nothing that is written from now on, like a connection that hangs. Returns what ends that. */
  stall(): () => void
  /** Resizes the window to so many columns; returns whether that changes its width, which is what programs hear of. */
  resize(columns: number): boolean
  /** Calls back when something new is on the screen. Returns what ends that. */
  onShown(seen: () => void): () => void
  /** Waits for a text after the last one waited for; line breaks count as spaces. Throws with the screen. */
  waitFor(text: string): Promise<void>
  /** Waits until a question takes answers. */
  takesAnswers(question: string): Promise<void>
  /** Waits until the program has read all keys. */
  allTyped(): Promise<void>
  /** Waits until a question's line is empty. */
  emptied(question: string): Promise<void>
  /** Presses Enter, with silence around it. */
  enter(): Promise<void>
  /** Waits for the question of a long list, filters it until an offer is the first, and chooses that. */
  find(question: string, part: string): Promise<void>
  /** Waits for a question and chooses the answer that starts with a text. */
  choose(question: string, answer: string): Promise<void>
  /** Applies the change in question; one of high risk in a protected environment by typing its name. */
  apply(risk: 'high' | 'other'): Promise<void>
  /** Waits for a question and answers it with Enter alone. */
  goOn(question: string): Promise<void>
  /** Waits for a question and types the answer. */
  type(question: string, answer: string): Promise<void>
  /** Resolves to the exit code, or the signal if there is none. */
  ended: Promise<{ exitCode: number; signal?: number }>
  /** Closes the window. */
  close(): void
}

const PATIENCE_MS = 60_000

/** Starts a program in a terminal; it ends with the test file. */
export function holdTerminal(
  [file = '', ...argv]: string[],
  given: { columns: number; rows?: number; cwd: string; environment: Record<string, string>; mute?: boolean },
): HeldTerminal {
  const { columns: cols, rows = 40, cwd, environment, mute = false } = given
  const shown = new Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true })
  const child = pty.spawn(file, argv, { name: 'xterm-256color', cols, rows, cwd, env: environment })
  const { fd } = child as unknown as { fd: number }
  const watching = new Set<() => void>()
  let [written, looked, gone] = ['', 0, false]
  let typing: Promise<void> = Promise.resolve()
  let held: string[] | undefined
  const show = (data: string) => {
    if (held) held.push(data)
    // Text counts as written once it is on the screen.
    else
      shown.write(data, () => {
        written += data
        for (const see of watching) see()
      })
  }
  child.onData(show)
  // The terminal answers status requests once it has shown what was written before.
  if (!mute) shown.onData((report) => void typeInto(fd, report))
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
  /** Returns the last open question with a text, up to the end of the screen. */
  const asked = (question: string) => {
    const text = screen().replaceAll(/\s+/g, ' ')
    const from = text.lastIndexOf(`? ${question}`)
    return from < 0 ? '' : text.slice(from)
  }
  /** Returns the answer under the pointer of the last question with a text. */
  const pointed = (question: string) => /❯ *(?:[◯◉] )?(?:\w )?(.*)/.exec(asked(question))?.[1]
  const takesAnswers = async (question: string) => {
    await until(() => asked(question).includes('Enter answers'), `? ${question}`)
    looked = Math.max(looked, read().lastIndexOf(`? ${question}`))
  }
  const enter = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    press(KEY.enter)
  }
  const choose = async (question: string, answer: string) => {
    const at = (wanted: string) => pointed(question)?.startsWith(wanted) === true
    await takesAnswers(question)
    for (const key of [KEY.down, KEY.up])
      for (let before = ''; !at(answer) && before !== pointed(question); ) {
        before = pointed(question) ?? ''
        press(key)
        // At the end of the list nothing moves.
        const late = Date.now() + 5000
        while (pointed(question) === before && Date.now() < late) await new Promise((next) => setTimeout(next, 10))
      }
    if (!at(answer)) throw new Error(`${answer} is not offered. The screen:\n${screen()}`)
    await enter()
    await waitFor(`✔ ${question}`)
    if (!answer.startsWith('abort')) return
    await takesAnswers('Why is it aborted?')
    await enter()
    await waitFor('✔ Why is it aborted?')
  }
  const type = async (question: string, answer: string) => {
    await takesAnswers(question)
    press(answer)
    await until(() => asked(question).replaceAll(' ', '').includes(answer.replaceAll(/\s+/g, '')), answer)
    await enter()
    await waitFor(`✔ ${question}`)
  }
  return {
    pid: child.pid,
    screen,
    written: () => written,
    press,
    stall() {
      held = []
      return () => {
        const late = held ?? []
        held = undefined
        for (const data of late) show(data)
      }
    },
    resize(columns) {
      const changes = columns !== shown.cols
      shown.resize(columns, rows)
      child.resize(columns, rows)
      return changes
    },
    onShown(seen) {
      watching.add(seen)
      return () => void watching.delete(seen)
    },
    waitFor,
    takesAnswers,
    allTyped: () => typing,
    emptied: (question) => until(() => asked(question).length < 150, `an empty ${question}`),
    enter,
    async find(question, part) {
      await takesAnswers(question)
      press(part)
      // Enter is not taken while the list is being narrowed.
      await until(() => pointed(question)?.includes(part) === true && screen().includes(`${question} ${part}`), part)
      await enter()
      await waitFor(`✔ ${question}`)
    },
    choose,
    async apply(risk) {
      await choose('What now?', 'apply this change')
      if (risk === 'other') return
      await takesAnswers('High risk: to apply it, type')
      await type('High risk', /type (\S+) /.exec(asked('High risk'))?.[1] ?? '')
    },
    async goOn(question) {
      await takesAnswers(question)
      await enter()
      await waitFor(`✔ ${question}`)
    },
    type,
    ended,
    close: () => child.kill('SIGHUP'),
  }
}

/** Types as fast as the program reads: a write that blocks would keep this process from reading the screen. */
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

/** Runs `breakglass` in a terminal at a desk. */
export const sit = (
  desk: Desk,
  argv: string[],
  columns = 80,
  environment: Record<string, string> = {},
  rows = 40,
  mute = false,
): HeldTerminal =>
  holdTerminal([process.execPath, main, ...argv], {
    columns,
    rows,
    mute,
    cwd: desk.folder,
    environment: { ...desk.environment, TERM: 'xterm-256color', ...environment },
  })
