import type { ListrTaskWrapper } from 'listr2'
import { printable } from '../base/printable.ts'
import { describeElapsed, type Elapsed } from '../run/model/time-taken.ts'
import { painter, type Style, type Terminal } from './screen.ts'

/** How one followed thing ended. */
export type Mark = 'ok' | 'drift' | 'failed' | 'unknown' | 'unseen' | 'skipped'

/** Shows what is going on: things start together, each ends with a mark, a note and its duration. */
export type Progress = {
  start(resources: { key: string; title: string }[]): Promise<void>
  /** Says that it has not begun and, where it is known, what becomes of it. */
  due(key: string, text: string): void
  update(key: string, text: string): void
  end(key: string, title: string, mark: Mark, note: string, elapsed: Elapsed): void
  /** Waits until nothing is drawn any more, so that a question or a text can follow. */
  settled(): Promise<void>
  /** Stops drawing what has not ended, because the run could not go on. */
  halt(): Promise<void>
}

const SIGNS: Record<Mark, { sign: string; word: string; style: Style }> = {
  ok: { sign: '✔', word: 'ok', style: 'good' },
  drift: { sign: '≠', word: 'drift', style: 'warn' },
  failed: { sign: '✖', word: 'failed', style: 'bad' },
  unknown: { sign: '?', word: 'unknown', style: 'bad' },
  unseen: { sign: '·', word: 'unseen', style: 'quiet' },
  skipped: { sign: '-', word: 'skipped', style: 'quiet' },
}

/** Progress as plain lines, one when a thing has ended: for pipes, CI and logs. */
export function plainProgress(print: (text: string) => void, colour: boolean): Progress {
  const paint = painter(colour)
  return {
    start: async () => {},
    due: () => {},
    update: () => {},
    end: (_, title, mark, note, elapsed) =>
      print(`${paint(SIGNS[mark].style, SIGNS[mark].word.padEnd(7))} ${lineOf(title, note, elapsed)}`),
    settled: async () => {},
    halt: async () => {},
  }
}

const lineOf = (title: string, note: string, elapsed: Elapsed): string =>
  printable(`${title}${note === '' ? '' : ` (${note})`}  ${describeElapsed(elapsed)}`).replaceAll('\n', ' ')

type Task = { title: string; task: ListrTaskWrapper<unknown, never, never>; finish(): void; begun: boolean }

/** Progress drawn by listr2: what runs has a spinner, what has ended its mark and duration. */
export function drawnProgress(terminal: Terminal): Progress {
  const paint = painter(terminal.colour)
  const running = new Map<string, Task>()
  let drawing: Promise<unknown> = Promise.resolve()
  const show = (key: string, text: string, begun: boolean): void => {
    const known = running.get(key)
    if (!known) return
    known.begun = begun
    known.task.output = printable(text)
  }
  return {
    async start(resources) {
      await drawing
      if (resources.length === 0) return
      const { Listr } = await import('listr2')
      const ready: Promise<void>[] = []
      const tasks = resources.map(({ key, title }) => {
        let begun = () => {}
        ready.push(new Promise((resolve) => (begun = resolve)))
        return {
          title: printable(title),
          task: (_: unknown, task: ListrTaskWrapper<unknown, never, never>) =>
            new Promise<void>((finish) => {
              running.set(key, { title, task, finish, begun: true })
              begun()
            }),
        }
      })
      const icons = { COMPLETED: ' ' }
      drawing = new Listr(tasks as never[], {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false,
        rendererOptions: { icon: icons, formatOutput: 'wrap' } as never,
      }).run()
      await Promise.all(ready)
    },
    due: (key, text) => show(key, text, false),
    update: (key, text) => show(key, text, true),
    end(key, title, mark, note, elapsed) {
      const known = running.get(key)
      if (!known) return
      known.task.title = `${paint(SIGNS[mark].style, SIGNS[mark].sign)} ${lineOf(title, note, elapsed)}`
      running.delete(key)
      known.finish()
    },
    settled: async () => {
      await drawing
    },
    async halt() {
      for (const { title, task, finish, begun } of running.values()) {
        task.title = `${paint('quiet', '-')} ${printable(title)} (not ${begun ? 'ended' : 'begun'})`
        finish()
      }
      running.clear()
      await drawing
    },
  }
}
