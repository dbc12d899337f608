import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the product. */
export const root = fileURLToPath(new URL('../', import.meta.url))
const entry = fileURLToPath(new URL('../engine/breakglass.js', import.meta.url))

/** What a process took: seconds on the clock and of the processors, its most memory in MB, and what it printed. */
export type Took = { seconds: number; cpuSeconds: number; megabytes: number; exit: number; output: string }

/** What a process runs with; nothing is inherited but the PATH. */
export type Given = { environment?: Record<string, string>; exits?: number[] }

/** Runs a process to its end and measures it with all its children. Throws where it ends as it should not. */
export async function measure(argv: string[], { environment = {}, exits = [0] }: Given = {}): Promise<Took> {
  // bash tells the times of all that it waited for; the last word of stderr is its own.
  const timed = ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" 2>&1', 'bash', ...argv]
  const child = spawn('bash', timed, { cwd: root, env: { PATH: process.env.PATH ?? '', ...environment } })
  let [output, times, megabytes] = ['', '', 0]
  child.stdout.on('data', (text: Buffer) => (output += text))
  child.stderr.on('data', (text: Buffer) => (times += text))
  const watching = setInterval(() => {
    megabytes = Math.max(megabytes, mostMemory(child.pid ?? 0))
  }, 25)
  const exit = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
  clearInterval(watching)
  if (!exits.includes(exit))
    throw new Error(`${argv.join(' ').slice(0, 200)} ended with ${exit}:\n${output.slice(-2000)}`)
  const [seconds = 0, user = 0, system = 0] = (times.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { seconds, cpuSeconds: user + system, megabytes, exit, output }
}

/** The most memory that the child of a shell has had, in MB. */
function mostMemory(shell: number): number {
  try {
    const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1]
    return Number(peak ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The arguments that run a command line of Breakglass. */
export const breakglass = (...argv: string[]): string[] => [process.execPath, entry, ...argv]
