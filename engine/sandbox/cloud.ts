import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../steps/world.ts'
import { advanceClock, askSandboxGithub, askThroughSandbox, type SandboxInfo } from './connect.ts'
import { sandboxEnvironment } from './environment.ts'

/** How to reach a running sandbox from an engine: gcloud's environment, the way of HTTP checks, and a clock that doesn't wait. */
export type SandboxReach = {
  environment: Record<string, string>
  http: World['http']
  github: World['github']
  clock: World['clock']
  close(): Promise<void>
}

/** Prepares everything that goes to a sandbox; nothing of it knows another address. */
export async function reachSandbox(address: string, info: SandboxInfo, realNow: () => Date): Promise<SandboxReach> {
  const configDir = await mkdtemp(join(tmpdir(), 'breakglass-gcloud-'))
  let advanced = 0
  return {
    environment: sandboxEnvironment({ address, token: info.token, configDir }),
    http: (url, timeoutMs) => askThroughSandbox(address, url, timeoutMs),
    github: (path, timeoutMs) => askSandboxGithub(address, info.token, path, timeoutMs),
    clock: {
      now: () => new Date(realNow().getTime() + advanced),
      async sleep(ms) {
        await advanceClock(address, ms)
        advanced += ms
      },
    },
    close: () => rm(configDir, { recursive: true, force: true }),
  }
}
