import { type Ended, LONGEST_TIMER, MOST_OUTPUT, type Runner } from '../ended.ts'
import { FRAME, type Frame } from './frames.ts'

/** A command that runs in the warm gcloud. */
export type RunningCommand = {
  /** Handles a frame from the warm gcloud. */
  take(frame: Frame): void
  /** Ends the command because the warm gcloud is gone; how far it got is unknown. */
  abandon(): void
  ended: Promise<Ended>
}

/** How long a killed command may take to be reported as ended. */
const TIMEOUT_MS = 2_000

/** Follows one command until it ends or times out; `giveUp` ends a warm gcloud that no longer answers, and all its commands. */
export function followCommand(timeoutMs: number, { endGroup, onChild }: Runner, giveUp: () => void): RunningCommand {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const printed = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const began = performance.now()
  let pid: number | undefined
  let timedOut = false
  let timer = setTimeout(onTimeout, Math.min(timeoutMs, LONGEST_TIMER))

  function onTimeout(): void {
    timedOut = true
    if (pid === undefined) giveUp()
    else {
      endGroup(pid)
      timer = setTimeout(giveUp, TIMEOUT_MS)
    }
  }
  function finish(ending: 'ended' | 'lost', exitCode: number | null): void {
    clearTimeout(timer)
    if (pid !== undefined) onChild('ended', pid)
    resolve({
      way: 'warm',
      ending: timedOut ? 'timed-out' : ending,
      exitCode,
      stdout: joinAndWipe(printed.stdout),
      stderr: joinAndWipe(printed.stderr),
      durationMs: performance.now() - began,
    })
  }
  function keep(pieces: Buffer[], body: Buffer): void {
    pieces.push(body)
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
    if (size > MOST_OUTPUT && pid !== undefined) endGroup(pid)
  }
  return {
    ended: promise,
    abandon() {
      if (pid !== undefined) endGroup(pid)
      finish('lost', null)
    },
    take({ kind, body }) {
      switch (kind) {
        case FRAME.started:
          pid = (JSON.parse(body.toString()) as { pid: number }).pid
          onChild('started', pid)
          return
        case FRAME.stdout:
        case FRAME.stderr:
          return keep(kind === FRAME.stdout ? printed.stdout : printed.stderr, body)
        case FRAME.exit:
          return finish('ended', (JSON.parse(body.toString()) as { code: number | null }).code)
      }
    },
  }
}

/** Joins the pieces and overwrites them: they may have held a secret. */
function joinAndWipe(pieces: Buffer[]): Uint8Array {
  const whole = Buffer.concat(pieces)
  for (const piece of pieces) piece.fill(0)
  return whole
}
