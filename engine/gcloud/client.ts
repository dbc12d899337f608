import { stripVTControlCharacters } from 'node:util'
import type { Failure, GcloudCall, GcloudResult } from '../steps/world.ts'
import { runCold } from './cold.ts'
import type { Ended, Runner } from './ended.ts'
import { classifyFailure, withoutAnswers } from './failure.ts'
import type { Warm } from './warm/warm.ts'

/** What running gcloud commands needs from outside. */
export type GcloudHost = Runner & {
  /** The warm gcloud, if any; commands that it can't run use a new process. */
  warm?: Pick<Warm, 'run'>
  /** Limits the number of gcloud processes, reads and changes separately: a change mostly waits for the cloud. */
  queueCold?<T>(run: () => Promise<T>, what: 'read' | 'change'): Promise<T>
  /** Masks sensitive values in a text. */
  mask(text: string): string
}

/**
 * Runs one gcloud command until it ends or times out, in its own process group, so that the terminal's Ctrl-C doesn't
 * reach it. Uses no shell and only the environment that the host gives.
 */
export async function runGcloud(call: GcloudCall, host: GcloudHost): Promise<GcloudResult> {
  const { queueCold = (run) => run() } = host
  const plain = () => runCold(call, host)
  const ended = (await runWarm(call, host)) ?? (await queueCold(plain, call.onlyReads ? 'read' : 'change'))
  const text = host.mask(stripVTControlCharacters(new TextDecoder().decode(ended.stderr)))
  const failure = failureOf(ended, call, host.path, text)
  return {
    way: ended.way,
    exitCode: ended.exitCode,
    output: ended.stdout,
    stderr: call.secretOutput ? '' : lastLines(text),
    durationMs: Math.round(ended.durationMs),
    ...(failure ? { failure } : {}),
  }
}

/** Runs a command in the warm gcloud; if the warm gcloud is lost, returns undefined only for a read, which is safe to repeat. */
async function runWarm(call: GcloudCall, host: GcloudHost): Promise<Ended | undefined> {
  const ended = await host.warm?.run(call, host)
  return ended?.ending === 'lost' && call.onlyReads ? undefined : ended
}

function failureOf(
  { ending, exitCode, reason = '' }: Ended,
  { timeoutMs, secretOutput }: GcloudCall,
  path: string,
  text: string,
): Failure | undefined {
  switch (ending) {
    case 'timed-out':
      return { cause: 'timeout', message: `gcloud did not finish within ${timeoutMs / 1000} s and was stopped` }
    case 'not-started':
      return { cause: 'no-gcloud', message: `cannot start ${path}: ${reason}` }
    case 'lost':
      return { cause: 'other', message: 'gcloud exited unexpectedly before it finished' }
    case 'ended':
      return exitCode === 0 ? undefined : classifyFailure(exitCode, secretOutput ? withoutAnswers(text) : text)
  }
}

/** Returns the end of a command's output, enough to see the cause: 20 lines, 4,000 characters. */
const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-20).join('\n').slice(-4000).toWellFormed()
