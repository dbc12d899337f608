import { createRequire } from 'node:module'
import { styleText } from 'node:util'

/** Describes the terminal: whether a person is there, its width, and whether it shows colour. */
export type Terminal = { interactive: boolean; columns: number; colour: boolean }

/** The styles of the screen; each has one meaning everywhere. */
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

/** Returns a function that styles texts, or returns them unchanged without colour. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) =>
    colour ? styleText(FORMATS[style] as Parameters<typeof styleText>[0], text, { validateStream: false }) : text
}

/** Returns how many columns a text takes. Plain ASCII and no-break spaces, which are nearly all text, need no segmentation. */
export const widthOf = (text: string): number => (/^[\x20-\x7e\xa0]*$/.test(text) ? text.length : segmentedWidth(text))

// Loaded when a text first needs it: its tables take longer than the rest of `--help`.
let library: typeof import('string-width') | undefined

function segmentedWidth(text: string): number {
  library ??= createRequire(import.meta.url)('string-width') as typeof import('string-width')
  return library.default(text)
}

/** Breaks a text at spaces into lines of at most `width` columns; a longer word gets a line of its own. `indent` precedes every line but the first. */
export function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  const lead = /^ */.exec(text)?.[0] ?? ''
  let line = ''
  for (const word of text.trimStart().split(' ')) {
    const room = width - (lines.length === 0 ? lead : indent).length
    if (line !== '' && widthOf(`${line} ${word}`) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return lead + [...lines, line].join(`\n${indent}`)
}

/**
 * Breaks a command between its words into lines of at most `width` columns, each but the last ending with a backslash, so that
 * it can be pasted into a shell. The first line starts at column `start`, and so do the others.
 */
export function wrapCommand(command: string, width: number, start: number): string {
  const words = command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []
  const room = Math.max(20, width - start - 2)
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(`${last} ${word}`) <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(` \\\n${' '.repeat(start)}`)
}

/** Cuts a text to `width` columns and marks where. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let [kept, room] = ['', width - 1]
  for (const sign of text) {
    room -= widthOf(sign)
    if (room < 0) break
    kept += sign
  }
  return `${kept}…`
}
