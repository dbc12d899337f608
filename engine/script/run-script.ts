import { stripVTControlCharacters } from 'node:util'
import { findProgram } from '../programs/find-program.ts'
import type { ScriptCall, ScriptResult, World } from '../steps/world.ts'
import { scriptEnvironment } from './environment.ts'

/** What running scripts needs from outside. */
export type ScriptHost = {
  /** The folder that scripts run in: the workspace's. */
  folder: string
  /** The caller's environment, of which scripts see PATH and HOME. */
  environment: Readonly<Record<string, string | undefined>>
  /** The additional variables of the engine's own gcloud. */
  added: Readonly<Record<string, string>>
  /** Kills a child and all its children. */
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
  mask(text: string): string
}

/** The most that a script may print: 16 MiB. */
const MOST_OUTPUT = 16 * 1024 * 1024

/** Returns a function that runs scripts in one cloud. */
export const scriptRunner =
  (host: ScriptHost): World['script'] =>
  (call) =>
    runScript(call, host)

/**
 * Runs a script to its end or its timeout, in its own process group. zx quotes every argument for bash, which only starts the
 * script: no value becomes part of a script's text.
 */
async function runScript({ argv, environment, timeoutMs }: ScriptCall, host: ScriptHost): Promise<ScriptResult> {
  const shell = findProgram('bash', host.environment.PATH)
  if (shell === undefined) {
    const reason = `${argv[0]} could not be started: bash is not on the PATH`
    return { exitCode: null, output: '', failure: { cause: 'other', reason } }
  }
  // Most runs have no script, and zx takes a while to load.
  const { $, quote } = await import('zx/core')
  const running = $({
    ...{ shell, quote, prefix: '', postfix: '', preferLocal: false },
    ...{ verbose: false, quiet: true, nothrow: true, detached: true, halt: true },
    cwd: host.folder,
    env: scriptEnvironment(host.environment, environment, host.added),
    stdio: ['ignore', 'pipe', 'pipe'],
  })`${argv}`
  running.run()
  const { pid } = running
  let ended: 'timeout' | 'too-much' | undefined
  const end = (why: typeof ended) => {
    ended ??= why
    if (pid !== undefined) host.endGroup(pid)
  }
  if (pid !== undefined) host.onChild('started', pid)
  const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, 2 ** 31 - 1))
  let size = 0
  const count = (chunk: Uint8Array) => {
    size += chunk.length
    if (size > MOST_OUTPUT) end('too-much')
  }
  if (pid !== undefined) for (const stream of [running.stdout, running.stderr]) stream.on('data', count)
  const { exitCode, signal, stdall, cause } = await running
  clearTimeout(timer)
  if (pid !== undefined) {
    host.onChild('ended', pid)
    // Whatever the script left running in the background ends with it.
    host.endGroup(pid)
  }
  const output = lastLines(host.mask(stripVTControlCharacters(stdall)))
  const [name] = argv
  if (pid === undefined)
    return {
      exitCode: null,
      output,
      failure: { cause: 'other', reason: `${name} could not be started: ${host.mask(cause?.message ?? '')}` },
    }
  switch (ended) {
    case 'timeout': {
      const reason = `${name} did not end within ${timeoutMs / 1000} s and was ended`
      return { exitCode: null, output, failure: { cause: 'timeout', reason } }
    }
    case 'too-much':
      return {
        exitCode: null,
        output: '',
        failure: { cause: 'other', reason: `${name} printed more than 16 MiB and was ended` },
      }
    case undefined:
      return { exitCode: signal === null ? exitCode : null, output }
  }
}

/** Returns the end of what a script printed, enough to see why it failed: 20 lines, 4,000 characters. */
const lastLines = (text: string): string => text.trim().split('\n').slice(-20).join('\n').slice(-4000).toWellFormed()
