import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')

/** A temporary folder in which `breakglass …` runs where nothing but Node is installed. */
export const folder = mkdtempSync(join(tmpdir(), 'breakglass-lock-lines-'))
symlinkSync(process.execPath, join(folder, 'node'))

/** The folder of the locks there. */
export const locks = join(folder, 'locks')
const environment = { PATH: folder, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: locks }
const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs `breakglass …` to its end. */
export function breakglass(
  argv: string[],
  added: Record<string, string> = {},
): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...environment, ...added }
    const child = execFile(process.execPath, [main, ...argv], { env, cwd: root }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

/** Starts `breakglass …` and waits until what it prints has a text in it. */
export function started(argv: string[], text: RegExp): Promise<{ child: ChildProcess; found: RegExpExecArray }> {
  const child = spawn(process.execPath, [main, ...argv], {
    env: environment,
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  return new Promise((resolve, reject) => {
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (piece: string) => {
        printed += piece
        const found = text.exec(printed)
        if (found) resolve({ child, found })
      })
    child.on('exit', () => reject(new Error(`it ended before it printed ${text}: ${printed}`)))
  })
}

/** Starts a sandbox that stays; answers its address. */
export const holdSandbox = async (scenario: string): Promise<string> =>
  (await started(['sandbox', scenario], /^export BREAKGLASS_SANDBOX='(.+)'$/m)).found[1]!

/** The entries of an incident's log. */
export const entriesOf = (logs: string, incident: string): Entry[] =>
  readFileSync(join(logs, incident, 'audit.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
