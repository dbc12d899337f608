import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism, constants, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutCommands } from './base/printable.ts'
import { runProgram } from './cli/program.ts'
import { findProgram } from './programs/find-program.ts'
import { EXIT } from './session/exit-codes.ts'
import type { Runtime } from './session/host/runtime.ts'
import { columnsOf } from './terminal/columns.ts'
import { makeFooter } from './terminal/footer.ts'
import { ownKeyboard } from './terminal/keyboard.ts'

/** The other signals that end a process without a handler. */
const ENDING = ['SIGALRM', 'SIGVTALRM', 'SIGXCPU', 'SIGXFSZ', 'SIGUSR2', 'SIGSYS'] as const

/** The running gcloud children, by process group, so that none outlives the engine. */
const children = new Set<number>()
const stop = new AbortController()
const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {}
}

function onStop(): void {
  if (stop.signal.aborted) endNow()
  stop.abort()
  if (children.size === 0 && !footer.isShown()) return
  const doubt = interruptionNotice ? '; the current change will be left in doubt' : ''
  footer.above(() => toPerson(`\nStopping after the running commands. Press Ctrl-C again to stop now${doubt}.\n`))
}

function endNow(): never {
  for (const pid of children) endGroup(pid)
  process.exit(EXIT.interrupted)
}

/** Handles a lost terminal: reading from it fails and a signal may arrive too, which together count as one request to stop. */
let lost: 'read' | 'signal' | undefined
function onLost(how: 'read' | 'signal'): void {
  const again = how === 'read' ? lost !== undefined : lost === 'read'
  lost = how
  if (!again || !stop.signal.aborted) onStop()
}

/** The signals that ask a process to stop: Ctrl-C, a supervisor, a closed terminal; Ctrl-\\ ends it. */
const LISTENERS = { SIGINT: onStop, SIGTERM: onStop, SIGHUP: () => onLost('signal'), SIGQUIT: endNow }

/** The signals that only ask; a handler runs only between two evaluations. */
const ASKING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Stops this process, or its whole job as Ctrl-Z does; returns when it continues. Without a shell that could continue it, nothing stops. */
function stopProcess(what: 'process' | 'job'): void {
  process.off('SIGTSTP', onSuspend)
  footer.above(() => process.kill(what === 'job' ? 0 : process.pid, 'SIGTSTP'))
  process.on('SIGTSTP', onSuspend)
}

const onSuspend = (): void => void keyboard.suspend('process')
const onGoOn = (): void => keyboard.resumed()

const parts = {
  environment: process.env,
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (ms: number) => Promise.race([new Promise<void>((resolve) => setTimeout(resolve, ms)), stopped]),
  random: (bytes: number) => randomBytes(bytes),
  endGroup,
  platform: process.platform,
  // Starting gcloud costs a second of CPU; a copy of a loaded one mostly waits for the network.
  coldWidth: availableParallelism() + 1,
  onChild: (change: 'started' | 'ended', pid: number) =>
    void (change === 'started' ? children.add(pid) : children.delete(pid)),
}

/**
 * Runs a person's own command in the sandbox: it gets the terminal and the signals. Ctrl-C reaches it from the terminal
 * itself; signals sent to this process alone are passed on.
 */
async function runCommand(
  [file = '', ...argv]: string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const path = file.includes('/') ? file : findProgram(file, environment.PATH)
  if (path === undefined) {
    process.stderr.write(`${file} could not be started: it is not on the PATH\n`)
    return 127
  }
  const child = spawn(path, argv, { argv0: file, stdio: 'inherit', env: { ...environment } })
  const passOn = (signal: NodeJS.Signals) => void (signal === 'SIGINT' || signal === 'SIGQUIT' || child.kill(signal))
  const signals = Object.keys(LISTENERS) as (keyof typeof LISTENERS)[]
  for (const signal of signals) process.off(signal, LISTENERS[signal]).on(signal, passOn)
  try {
    return await ended(child, file)
  } finally {
    for (const signal of signals) process.off(signal, passOn).on(signal, LISTENERS[signal])
  }
}

function ended(child: ChildProcess, file: string): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      process.stderr.write(`${file} could not be started: ${error.message}\n`)
      resolve(127)
    })
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

function operatorName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}

/** Returns the folder of locks, which is not under TMPDIR: two shells of one person may differ in that but must see each other's locks. */
function locksFolder(): string {
  const name = `breakglass-${process.getuid?.() ?? operatorName()}-locks`
  return process.env.BREAKGLASS_LOCKS || join(process.platform === 'win32' ? tmpdir() : '/tmp', name)
}

/** Keeps this process's memory out of files before anything secret is read; returns a warning if that is impossible. */
async function withoutDumps(live: boolean): Promise<string | undefined> {
  const { refuseCores, refuseDumping } = await import('./no-dumps.ts')
  const { pid, platform, execArgv } = process
  const own = { pid, platform, execArgv, nodeOptions: process.env.NODE_OPTIONS ?? '' }
  if (live) refuseDumping(own)
  const reason = refuseCores(own)
  return reason && `A crash could leave secrets in a core dump: ${reason}.`
}

const interactive = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const colour =
  process.env.NO_COLOR === undefined || process.env.NO_COLOR === ''
    ? Boolean(process.stdout.isTTY) && process.env.TERM !== 'dumb'
    : false

// Drawing replaces how text is written, but what restores the terminal must still reach it.
const toScreen = process.stdout.write.bind(process.stdout)

const keyboard = ownKeyboard({
  input: process.stdin,
  output: process.stdout,
  write: (codes) => void toScreen(codes),
  interactive,
  interrupt: onStop,
  quit: endNow,
  stop: stopProcess,
})

const footer = makeFooter(
  (codes) => void toScreen(codes),
  () => columnsOf(process.stdout.columns),
)

const toPerson = process.stderr.write.bind(process.stderr)
let interruptionNotice: (() => string) | undefined

const columns = columnsOf(process.stdout.columns)
// inquirer reads this.
if (process.stdout.columns === 0) process.stdout.columns = columns

/** Whether a CI system reads the output: text from a runbook or the cloud must not be a command to it. */
const inCi = ['CI', 'GITHUB_ACTIONS', 'TF_BUILD', 'TEAMCITY_VERSION'].some((name) => process.env[name])
const forLog = (text: string): string => (inCi ? withoutCommands(text) : text)

/** The package's folder: this file is in dist/engine/ when built, and engine/main.ts in a clone. */
const packageFolder = resolve(fileURLToPath(import.meta.url), import.meta.url.endsWith('.ts') ? '../..' : '../../..')

const runtime: Runtime = {
  environment: process.env,
  cwd: process.cwd(),
  terminal: { interactive, columns: columns, colour },
  keyboard,
  footer,
  argv: process.argv.slice(2),
  version: JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version,
  packageFolder,
  ownCommand: [process.execPath, fileURLToPath(import.meta.url)],
  operator: operatorName(),
  pid: process.pid,
  locks: resolve(locksFolder()),
  width: 4 * availableParallelism(),
  out: (text) => footer.above(() => process.stdout.write(`${forLog(text)}\n`)),
  err: (text) => footer.above(() => process.stderr.write(`${forLog(text)}\n`)),
  command: (line) => void process.stdout.write(`${line}\n`),
  now: parts.now,
  random: parts.random,
  stopping: stop.signal,
  endAtOnce: () => {
    for (const signal of ASKING) process.off(signal, LISTENERS[signal])
    return () => {
      for (const signal of ASKING) process.on(signal, LISTENERS[signal])
    }
  },
  ifCutOff: (words) => {
    interruptionNotice = words
    return () => {
      interruptionNotice = undefined
    }
  },
  openCloud: async (choice, wanted) => {
    const notice = await withoutDumps(choice.kind === 'live')
    const { openCloud } = await import('./open-cloud.ts')
    const cloud = await openCloud(choice, wanted, { ...parts, version: runtime.version, packageFolder })
    return notice === undefined ? cloud : { ...cloud, notices: [...cloud.notices, notice] }
  },
  examine: async (choice, wanted) =>
    (await import('./examine-cloud.ts')).examineCloud(choice, wanted, {
      ...parts,
      version: runtime.version,
      packageFolder,
    }),
  runCommand,
}

// A reader that goes away (`| head`) must not end a run in the middle of a change.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
// A lost terminal can't answer any more: reading from it fails.
for (const event of ['error', 'end']) process.stdin.on(event, () => onLost('read'))
for (const [signal, listener] of Object.entries(LISTENERS)) process.on(signal, listener)
if (process.platform !== 'win32') {
  for (const signal of ENDING) process.on(signal, endNow)
  process.on('SIGTSTP', onSuspend).on('SIGCONT', onGoOn)
}
process.on('exit', () => {
  footer.show(undefined)
  keyboard.restore()
  if (interruptionNotice) toPerson(`\n${interruptionNotice()}\n`)
})
// Without a handler, it would open Node's debugger, through which another process of this user could read the memory.
process.on('SIGUSR1', () => {})
// The YAML library reads process.env at every token, and the real one is slow.
process.env = { ...process.env }
process.exitCode = await runProgram(runtime.argv, runtime)
await keyboard.close()
