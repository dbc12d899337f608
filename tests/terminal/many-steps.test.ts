import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type HeldTerminal, holdTerminal, KEY } from './held-terminal.ts'

const script = fileURLToPath(new URL('../../bench/many-steps.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'many-steps-'))
const limit = { timeout: 240_000 }

const observe = (count: number): HeldTerminal & { file: string } => {
  const file = join(folder, `${count}-drawn`)
  const argv = [process.execPath, script, String(count), file]
  return { file, ...holdTerminal(argv, { columns: 80, cwd: folder, environment: {} }) }
}

const cpuMs = (file: string): number => Number(readFileSync(file, 'utf8'))

async function drawn(count: number): Promise<number> {
  const terminal = observe(count)
  await terminal.ended
  return cpuMs(terminal.file)
}

function piped(count: number): number {
  const file = join(folder, `${count}-piped`)
  spawnSync(process.execPath, [script, String(count), file])
  return cpuMs(file)
}

// `npm run bench -- --only progress` measures the same with a bound of a tenth, on a machine that does nothing else.
test(
  'drawing steps costs little more than printing them, and four times as many cost four times as much',
  limit,
  async () => {
    const [few, many, printed] = [await drawn(100), await drawn(400), piped(400)]
    expect(many).toBeLessThan(1.5 * printed)
    expect(many).toBeLessThan(8 * few)
  },
)

test('the screen shows what runs and a counter, and every step that ended as a line', limit, async () => {
  const terminal = observe(200)
  await terminal.waitFor('of 200')
  await terminal.ended
  const lines = terminal.screen().split('\n')
  expect(lines.filter((line) => line.startsWith('≠ Make service-'))).toHaveLength(200)
  expect(lines.filter((line) => / of 200|^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([])
})

test('Ctrl-C stops observing 800 steps at once', limit, async () => {
  const terminal = observe(800)
  await terminal.waitFor(' of 800')
  const pressed = Date.now()
  terminal.press(KEY.interrupt)
  await terminal.waitFor('of 800 not finished')
  await terminal.waitFor('Ended: Interrupted')
  await terminal.ended
  expect(Date.now() - pressed).toBeLessThan(10_000)
})
