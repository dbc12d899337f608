import type { GcloudCall } from '../steps/world.ts'
import { fullArgv } from './argv.ts'
import { type Ended, LONGEST_TIMER, MOST_OUTPUT, type Runner } from './ended.ts'

/** Runs one gcloud command in a new gcloud process, in its own process group. */
export async function runCold(call: GcloudCall, { path, environment, endGroup, onChild }: Runner): Promise<Ended> {
  // Loaded only when needed: execa costs time and memory, and a warm gcloud never gets here.
  const loaded = await import('execa').catch((error: Error) => error)
  if (loaded instanceof Error) return { ...NOT_STARTED, reason: loaded.message }
  const { execa } = loaded
  const child = execa(path, fullArgv(call), {
    env: environment,
    extendEnv: false,
    detached: true,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: MOST_OUTPUT,
    ...(call.stdin ? { input: call.stdin.lend((bytes) => bytes) } : { stdin: 'ignore' as const }),
  })
  const { pid } = child
  if (pid !== undefined) onChild('started', pid)
  let timedOut = false
  const timer = setTimeout(
    () => {
      timedOut = true
      if (pid !== undefined) endGroup(pid)
    },
    Math.min(call.timeoutMs, LONGEST_TIMER),
  )
  const { exitCode = null, stdout, stderr, durationMs, shortMessage = '' } = await child
  clearTimeout(timer)
  if (pid !== undefined) onChild('ended', pid)
  const ending = timedOut ? 'timed-out' : pid === undefined ? 'not-started' : 'ended'
  return { way: 'cold', ending, exitCode, stdout, stderr, durationMs, reason: shortMessage }
}

const NOT_STARTED: Ended = {
  way: 'cold',
  ending: 'not-started',
  exitCode: null,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  durationMs: 0,
}
