import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pty from '@lydell/node-pty'
import type { Terminal as ScreenTerminal } from '@xterm/headless'

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless')

/** Text in one style; `color` is one of the terminal's 16 colors. */
export type Span = { text: string; color?: number; bold: boolean; dim: boolean }

/** What the terminal shows at one moment, line by line, and for how long the recording shows it. */
export type Frame = { seconds: number; lines: Span[][] }

const breakglass = fileURLToPath(new URL('../../engine/breakglass.js', import.meta.url))
const size = { cols: 80, rows: 60 }

/** What the operator waits for, how long a reader needs for it, and what the operator then types and confirms with Enter. */
const SESSION: { until: RegExp; seconds: number; types?: string }[] = [
  { until: /\? Project id(?![\s\S]*✔)/, seconds: 5, types: 'example-prod' },
  { until: /\? What now\?(?![\s\S]*✔)/, seconds: 4, types: 'a' },
  { until: /\? High risk(?![\s\S]*✔)/, seconds: 2, types: 'web' },
  { until: /record\.md[\s\S]*Done\./, seconds: 8 },
]

/** Rehearses the starter's first scenario in a terminal, as an operator who applies the change; returns what they see. */
export async function record(): Promise<Frame[]> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-recording-'))
  try {
    const environment = makeMachine(folder)
    const cwd = join(folder, 'team')
    execFileSync(process.execPath, [breakglass, 'init', cwd], { env: environment, stdio: 'ignore' })
    const screen = new Terminal({ ...size, allowProposedApi: true })
    screen.write('\x1b[1m$ breakglass rehearse first-rehearsal\x1b[0m\r\n')
    const argv = [breakglass, 'rehearse', 'first-rehearsal']
    const child = pty.spawn(process.execPath, argv, { name: 'xterm-256color', ...size, cwd, env: environment })
    child.onData((data) => screen.write(data))
    screen.onData((reply) => child.write(reply))
    const ended = new Promise<void>((resolve) => child.onExit(() => resolve()))
    const frames: Frame[] = []
    for (const { until, seconds, types } of SESSION) {
      const asked = await settles(screen, (text) => until.test(text))
      frames.push({ seconds, lines: linesOf(screen) })
      if (types === undefined) continue
      child.write(types)
      await settles(screen, (text) => text !== asked)
      frames.push({ seconds: 1.5, lines: linesOf(screen) })
      child.write('\r')
    }
    await ended
    return frames
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Makes a machine that has Breakglass and no gcloud, so that every recording uses the fake one; returns its environment. */
function makeMachine(folder: string): Record<string, string> {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  for (const program of ['git', 'ssh-keygen', 'prlimit', 'ps'])
    if (existsSync(`/usr/bin/${program}`)) symlinkSync(`/usr/bin/${program}`, join(bin, program))
  return { PATH: bin, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks'), LANG: 'C.UTF-8' }
}

/** Waits until the screen is as wanted and has been still for half a second, and returns its text; throws after a minute. */
async function settles(screen: ScreenTerminal, wanted: (text: string) => boolean): Promise<string> {
  let before = ''
  for (const late = performance.now() + 60_000; performance.now() < late; await sleep(500)) {
    const now = textOf(linesOf(screen))
    if (now === before && wanted(now)) return now
    before = now
  }
  throw new Error(`the rehearsal does not come to what the recording waits for:\n${before}`)
}

/** Returns the text of some lines. */
export const textOf = (lines: Span[][]): string => lines.map((line) => line.map(({ text }) => text).join('')).join('\n')

function linesOf(screen: ScreenTerminal): Span[][] {
  const { active } = screen.buffer
  const lines: Span[][] = []
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row)
    if (line === undefined) continue
    const spans: Span[] = []
    const end = line.translateToString(true).length
    for (let column = 0; column < end; column++) {
      const cell = line.getCell(column)
      if (cell === undefined || cell.getWidth() === 0) continue
      const style = { bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 }
      const next: Span = {
        text: cell.getChars() || ' ',
        ...style,
        ...(cell.isFgPalette() && { color: cell.getFgColor() }),
      }
      const last = spans.at(-1)
      if (last && last.color === next.color && last.bold === next.bold && last.dim === next.dim) last.text += next.text
      else spans.push(next)
    }
    lines.push(spans)
  }
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}
