import { formatDuration } from '../base/duration.ts'
import { printable } from '../base/printable.ts'
import { describeElapsed, type Elapsed } from '../run/model/time-taken.ts'
import type { Footer } from './footer.ts'
import { cut, painter, type Style, type Terminal, widthOf, wrap } from './screen.ts'

/** How a step ended. */
export type Mark = 'ok' | 'drift' | 'failed' | 'unknown' | 'unseen' | 'skipped'

type Titled = { key: string; title: string }

/** Shows which steps run, and prints a line for each that has ended. */
export type Progress = {
  /** Counts steps that have not started yet. */
  expect(steps: Titled[]): void
  /** Shows steps as running; `place` is where they are among all, such as `step 4/15`. */
  start(steps: Titled[], place?: string): void
  update(key: string, text: string): void
  end(key: string, title: string, mark: Mark, note: string, elapsed: Elapsed): void
  /** Ends the steps that have not ended because the run cannot continue, and prints which those are. */
  close(): void
}

const SIGNS: Record<Mark, { sign: string; word: string; style: Style }> = {
  ok: { sign: '✔', word: 'ok', style: 'good' },
  drift: { sign: '≠', word: 'drift', style: 'warn' },
  failed: { sign: '✖', word: 'failed', style: 'bad' },
  unknown: { sign: '?', word: 'unknown', style: 'bad' },
  unseen: { sign: '·', word: 'unseen', style: 'quiet' },
  skipped: { sign: '-', word: 'skipped', style: 'quiet' },
}

/** Prints one line when a step has ended: for pipes, CI and logs. */
export function plainProgress(print: (text: string) => void, colour: boolean): Progress {
  const paint = painter(colour)
  return {
    expect: () => {},
    start: () => {},
    update: () => {},
    end: (_, title, mark, note, elapsed) =>
      print(`${paint(SIGNS[mark].style, SIGNS[mark].word.padEnd(7))} ${lineOf(title, note, elapsed)}`),
    close: () => {},
  }
}

const lineOf = (title: string, note: string, elapsed: Elapsed): string =>
  printable(`${title}${note === '' ? '' : ` (${note})`}  ${describeElapsed(elapsed)}`).replaceAll('\n', ' ')

/** The most running steps that are drawn, so that a frame costs the same however many there are. */
const DRAWN = 5

const SHORTEST_TITLE = 16

const SPINNER = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏']

/** Describes the steps that started together: those that wait and run, and the marks of those that ended. */
type Group = {
  place: string
  startedAt: number
  waiting: Map<string, string>
  running: Map<string, { title: string; text: string }>
  marks: Mark[]
}

const isOver = ({ waiting, running }: Group): boolean => waiting.size + running.size === 0

type Screen = { print: (text: string) => void; now: () => Date; stopping: AbortSignal } & Pick<
  Terminal,
  'colour' | 'columns'
>

/** Draws the running steps and a counter in the footer, and prints a line above it when a step has ended. */
export function drawnProgress(footer: Footer, screen: Screen): Progress {
  const paint = painter(screen.colour)
  const print = (style: Style, sign: string, text: string) =>
    screen.print(`${paint(style, sign)} ${wrap(`  ${text}`, screen.columns, '  ').slice(2)}`)
  let group: Group | undefined
  /** Returns the group that steps belong to which start now: a new one where the last is over. */
  const groupOf = (place: string): Group => {
    if (group && !isOver(group)) return group
    const begun: Group = {
      place,
      startedAt: screen.now().getTime(),
      waiting: new Map(),
      running: new Map(),
      marks: [],
    }
    footer.show((columns) => frameOf(begun, columns, screen))
    group = begun
    return begun
  }
  return {
    expect(steps) {
      const { waiting } = groupOf('')
      for (const { key, title } of steps) waiting.set(key, title)
    },
    start(steps, place = '') {
      if (steps.length === 0) return
      const { running, waiting } = groupOf(place)
      for (const { key, title } of steps) {
        waiting.delete(key)
        if (!running.has(key)) running.set(key, { title, text: '' })
      }
    },
    update(key, text) {
      const known = group?.running.get(key)
      if (known) known.text = text
    },
    end(key, title, mark, note, elapsed) {
      if (group?.running.delete(key) || group?.waiting.delete(key)) group.marks.push(mark)
      // A question may follow, and it takes the bottom of the screen.
      if (group && isOver(group)) footer.show(undefined)
      print(SIGNS[mark].style, SIGNS[mark].sign, lineOf(title, note, elapsed))
    },
    close() {
      footer.show(undefined)
      if (!group) return
      const begun = [...group.running.values()].filter(({ text }) => text !== '')
      for (const { title } of begun) print('quiet', '-', `${printable(title)} (not finished)`)
      const counts = { finished: group.running.size - begun.length, started: group.waiting.size }
      for (const [word, count] of Object.entries(counts))
        if (count > 0) print('quiet', '-', `${count} of ${sizeOf(group)} not ${word}`)
      group = undefined
    },
  }
}

const sizeOf = ({ waiting, running, marks }: Group): number => waiting.size + running.size + marks.length

/** Draws the steps that have run for the longest, and below them how far all have come. */
function frameOf(group: Group, columns: number, { colour, now, stopping }: Screen): string[] {
  const paint = painter(colour)
  const elapsedMs = Math.max(0, now().getTime() - group.startedAt)
  const spinner = SPINNER[Math.floor(elapsedMs / 200) % SPINNER.length] ?? ''
  const rows = [...group.running.values()]
    .slice(0, DRAWN)
    .map(({ title, text }) => rowOf(printable(title), printable(text), columns - 2))
  const status = [
    ...(stopping.aborted ? ['stopping'] : []),
    ...counts(group),
    ...(elapsedMs < 1000 ? [] : [formatDuration(Math.floor(elapsedMs / 1000) * 1000)]),
  ].join(' · ')
  return [...rows.map((text) => `${paint('asks', spinner)} ${text}`), paint('quiet', cut(`  ${status}`, columns))]
}

/** Cuts the title of a step rather than what is being done about it. */
function rowOf(title: string, text: string, width: number): string {
  if (text === '') return cut(title, width)
  const room = Math.max(SHORTEST_TITLE, width - widthOf(text) - 2)
  return cut(`${cut(title, room)}: ${text}`, width)
}

/** Describes how far a group has come: `step 4/15`, or `312 of 800` and what is not as it should be. */
function counts(group: Group): string[] {
  if (group.place !== '') return [group.place]
  if (sizeOf(group) === 1) return []
  const count = (mark: Mark, word: string) => {
    const number = group.marks.filter((each) => each === mark).length
    return number === 0 ? [] : [`${number} ${word}`]
  }
  return [
    `${group.marks.length} of ${sizeOf(group)}`,
    ...count('drift', 'drifted'),
    ...count('failed', 'failed'),
    ...count('unknown', 'unknown'),
  ]
}
