import { styleText } from 'node:util'
import stringWidth from 'string-width'

/** What the engine knows of the terminal: whether there is one, how wide it is, whether it shows colour. */
export type Terminal = { interactive: boolean; columns: number; colour: boolean }

/** The few styles of the screen; each means one thing everywhere. */
export type Style = 'good' | 'bad' | 'warn' | 'quiet' | 'strong' | 'notice' | 'asks' | 'picked' | 'live' | 'sandbox'

const FORMATS = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  quiet: 'dim',
  strong: 'bold',
  notice: ['bold', 'yellow'],
  asks: 'blue',
  picked: 'cyan',
  live: ['bold', 'red'],
  sandbox: ['bold', 'cyan'],
} as const

/** Gives a function that styles texts, or leaves them alone where there is no colour. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) =>
    colour ? styleText(FORMATS[style] as Parameters<typeof styleText>[0], text, { validateStream: false }) : text
}

/** Breaks a text into lines of at most `width` columns at spaces; a longer word keeps its own line. Lines after the first are indented, the first keeps its own indent. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  const lead = /^ */.exec(text)?.[0] ?? ''
  let line = ''
  for (const word of text.trimStart().split(' ')) {
    const room = width - (lines.length === 0 ? lead : indent).length
    if (line !== '' && stringWidth(`${line} ${word}`) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return lead + [...lines, line].join(`\n${indent}`)
}

/** Cuts a text that takes more than `width` columns, and marks where. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let [kept, room] = ['', width - 1]
  for (const sign of text) {
    room -= stringWidth(sign)
    if (room < 0) break
    kept += sign
  }
  return `${kept}…`
}
