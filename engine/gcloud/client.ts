import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import type { GcloudCall, GcloudResult } from '../steps/world.ts'
import { fullArgv } from './argv.ts'
import { classifyFailure, withoutAnswers } from './failure.ts'

/** What running gcloud needs from outside: where it is, its environment, and how to end a group of processes. */
export type GcloudHost = {
  path: string
  environment: Record<string, string>
  /** Ends a child and all its children, for good. */
  endGroup(pid: number): void
  /** Masks what must not be seen in a text. */
  mask(text: string): string
  /** Told when a child starts and when it has ended. */
  onChild(change: 'started' | 'ended', pid: number): void
}

/** The most that a command may print: 64 MiB. */
const MOST_OUTPUT = 64 * 1024 * 1024

/** A longer timer would fire at once: Node counts it in 31 bits. */
const LONGEST_TIMER = 2 ** 31 - 1

/**
 * Runs one gcloud command to its end or its timeout, in a process group of its own so that the terminal's Ctrl-C
 * doesn't reach it. No shell, argv as it is, nothing of the caller's environment but what the host gives.
 */
export async function runGcloud(call: GcloudCall, host: GcloudHost): Promise<GcloudResult> {
  const child = execa(host.path, fullArgv(call), {
    env: host.environment,
    extendEnv: false,
    detached: true,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: MOST_OUTPUT,
    ...(call.stdin ? { input: call.stdin.lend((bytes) => bytes) } : { stdin: 'ignore' as const }),
  })
  const { pid } = child
  if (pid !== undefined) host.onChild('started', pid)
  let timedOut = false
  const timer = setTimeout(
    () => {
      timedOut = true
      if (pid !== undefined) host.endGroup(pid)
    },
    Math.min(call.timeoutMs, LONGEST_TIMER),
  )
  const result = await child
  clearTimeout(timer)
  if (pid !== undefined) host.onChild('ended', pid)
  const exitCode = result.exitCode ?? null
  const text = host.mask(stripVTControlCharacters(new TextDecoder().decode(result.stderr)))
  const common = {
    exitCode,
    output: result.stdout,
    stderr: call.secretOutput ? '' : lastLines(text),
    durationMs: Math.round(result.durationMs),
  }
  if (timedOut)
    return {
      ...common,
      failure: { cause: 'timeout', message: `gcloud did not answer within ${call.timeoutMs / 1000} s and was ended` },
    }
  if (pid === undefined)
    return {
      ...common,
      failure: { cause: 'no-gcloud', message: `${host.path} could not be started: ${result.shortMessage ?? ''}` },
    }
  return exitCode === 0
    ? common
    : { ...common, failure: classifyFailure(exitCode, call.secretOutput ? withoutAnswers(text) : text) }
}

/** The end of what a command wrote, enough to see why: 20 lines, 4,000 characters. */
const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-20).join('\n').slice(-4000).toWellFormed()
