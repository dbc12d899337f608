import { stripVTControlCharacters } from 'node:util'

/** The lines that are redrawn at the bottom of the screen while something runs. */
export type Footer = {
  /** Redraws what `view` returns several times a second; undefined removes it. Its lines must fit the columns it is given. */
  show(view: ((columns: number) => string[]) | undefined): void
  isShown(): boolean
  /** Runs what writes to the screen or hands the terminal over, with the footer out of its way. */
  above(work: () => void): void
}

/** The time between two frames, in ms. */
const FRAME_MS = 200

/** Makes the footer of a terminal. `columns` returns the terminal's width at that moment. */
export function makeFooter(write: (codes: string) => void, columns: () => number): Footer {
  let view: ((columns: number) => string[]) | undefined
  let timer: NodeJS.Timeout | undefined
  let lines: string[] = []
  let width = 0
  const erase = (): void => {
    if (lines.length > 0) write(`\r\x1b[${rowsOf(lines, width, columns())}A\x1b[J`)
  }
  const draw = (): void => {
    width = columns()
    if (lines.length > 0) write(`${lines.join('\n')}\n`)
  }
  const frame = (): void => {
    erase()
    lines = view?.(columns()) ?? []
    draw()
  }
  return {
    show(next) {
      view = next
      if (next) timer ??= setInterval(frame, FRAME_MS).unref()
      else {
        clearInterval(timer)
        timer = undefined
        frame()
      }
    },
    isShown: () => view !== undefined,
    above(work) {
      erase()
      work()
      draw()
    },
  }
}

/** Returns how many rows lines take that were drawn at `width` columns: a narrower screen breaks them. Every command loads this file, so it counts characters rather than load a library. */
const rowsOf = (lines: string[], width: number, columns: number): number =>
  columns >= width
    ? lines.length
    : lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0)
