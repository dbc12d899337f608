import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../steps/world.ts'
import { askSandboxGithub, askThroughSandbox, moveClockTo, type SandboxInfo } from './connect.ts'
import { sandboxEnvironment } from './environment.ts'

/** How an engine reaches a running sandbox: gcloud's environment, HTTP requests, and a clock that doesn't wait. */
export type SandboxReach = {
  environment: Record<string, string>
  http: World['http']
  github: World['github']
  clock: World['clock']
  close(): Promise<void>
}

/** This machine's clock and its monotonic elapsed time in ms. */
type OwnTime = { now(): Date; elapsed(): number }

/** Prepares access to a sandbox; every request goes to its address only. */
export async function reachSandbox(address: string, info: SandboxInfo, own: OwnTime): Promise<SandboxReach> {
  const configDir = await mkdtemp(join(tmpdir(), 'breakglass-gcloud-'))
  return {
    environment: sandboxEnvironment({ address, token: info.token, configDir }),
    http: (url, timeoutMs) => askThroughSandbox(address, url, timeoutMs),
    github: (path, timeoutMs) => askSandboxGithub(address, info.token, path, timeoutMs),
    clock: sandboxClock(address, new Date(info.now), own),
    close: () => rm(configDir, { recursive: true, force: true }),
  }
}

/**
 * Returns the sandbox's clock. Sleeping moves the sandbox's time to the requested moment: parallel sleepers wait together,
 * and a sleeper continues from a later time if another moved the clock further.
 */
function sandboxClock(address: string, known: Date, own: OwnTime): World['clock'] {
  // Based on elapsed time, so that setting this machine's clock back doesn't move the sandbox's.
  let aheadMs = known.getTime() - own.elapsed()
  const elapsed = () => own.elapsed() + aheadMs
  return {
    now: () => new Date(elapsed()),
    real: own.now,
    elapsed,
    async sleep(ms) {
      const due = new Date(elapsed() + ms)
      // If the sandbox is gone, the local time still advances, so that a caller waiting for its answer finishes.
      const reached = await moveClockTo(address, due).catch(() => due)
      aheadMs = Math.max(aheadMs, reached.getTime() - own.elapsed())
    },
  }
}
