import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../steps/world.ts'
import { askSandboxGithub, askThroughSandbox, moveClockTo, type SandboxInfo } from './connect.ts'
import { sandboxEnvironment } from './environment.ts'

/** How to reach a running sandbox from an engine: gcloud's environment, the way of HTTP checks, and a clock that doesn't wait. */
export type SandboxReach = {
  environment: Record<string, string>
  http: World['http']
  github: World['github']
  clock: World['clock']
  close(): Promise<void>
}

/** This machine's own time: its clock, and the milliseconds that have passed, which no clock that is set moves. */
type OwnTime = { now(): Date; elapsed(): number }

/** Prepares everything that goes to a sandbox; nothing of it knows another address. */
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
 * The sandbox's own time as an engine sees it. To sleep is to move that time to the moment that is waited for: those who
 * wait side by side wait together, and who finds that another has moved it further goes on from there.
 */
function sandboxClock(address: string, known: Date, own: OwnTime): World['clock'] {
  // Measured by the time that has passed here: a clock of this machine that is set back must not take the sandbox's with it.
  let aheadMs = known.getTime() - own.elapsed()
  const elapsed = () => own.elapsed() + aheadMs
  return {
    now: () => new Date(elapsed()),
    real: own.now,
    elapsed,
    async sleep(ms) {
      const due = new Date(elapsed() + ms)
      // A sandbox that is gone can't move its time; ours goes on, so that whoever waits for an answer of it comes to an end.
      const reached = await moveClockTo(address, due).catch(() => due)
      aheadMs = Math.max(aheadMs, reached.getTime() - own.elapsed())
    },
  }
}
