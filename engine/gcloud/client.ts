import { stripVTControlCharacters } from 'node:util'
import type { Failure, GcloudCall, GcloudResult } from '../steps/world.ts'
import { runCold } from './cold.ts'
import type { Ended, Runner } from './ended.ts'
import { classifyFailure, withoutAnswers } from './failure.ts'
import type { Warm } from './warm/warm.ts'

/** What running gcloud commands needs from outside. */
export type GcloudHost = Runner & {
  /** The warm gcloud, where there is one; what it can't run, runs the plain way. */
  warm?: Pick<Warm, 'run'>
  /** Holds plain commands back while as many run as pay on this machine, reads and changes each by themselves: a change mostly waits for the cloud. */
  queueCold?<T>(run: () => Promise<T>, what: 'read' | 'change'): Promise<T>
  /** Masks what must not be seen in a text. */
  mask(text: string): string
}

/**
 * Runs one gcloud command to its end or its timeout, in a process group of its own so that the terminal's Ctrl-C
 * doesn't reach it. No shell, argv as it is, nothing of the caller's environment but what the host gives.
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

/** A command that changes nothing can be run again where the warm gcloud was lost under it; any other never. */
async function runWarm(call: GcloudCall, host: GcloudHost): Promise<Ended | undefined> {
  const ended = await host.warm?.run(call, host)
  return ended?.ending === 'lost' && call.onlyReads ? undefined : ended
}

function failureOf(
  { ending, exitCode, trouble = '' }: Ended,
  { timeoutMs, secretOutput }: GcloudCall,
  path: string,
  text: string,
): Failure | undefined {
  switch (ending) {
    case 'timed-out':
      return { cause: 'timeout', message: `gcloud did not answer within ${timeoutMs / 1000} s and was ended` }
    case 'not-started':
      return { cause: 'no-gcloud', message: `${path} could not be started: ${trouble}` }
    case 'lost':
      return { cause: 'other', message: 'gcloud was ended from outside before it had answered' }
    case 'ended':
      return exitCode === 0 ? undefined : classifyFailure(exitCode, secretOutput ? withoutAnswers(text) : text)
  }
}

/** The end of what a command wrote, enough to see why: 20 lines, 4,000 characters. */
const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-20).join('\n').slice(-4000).toWellFormed()
