import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { atTheEnd } from '../at-the-end.ts'
import { type Desk, main, root } from './cli.ts'

/** One version of a secret as the sandbox's state shows it. */
export type VersionState = { version: string; state: string; sha256?: string; size?: number }

/** What the tests look at in a project of the sandbox's state. */
export type ProjectState = {
  iamPolicy: { bindings: { role: string; members: string[] }[] }
  secrets: Record<string, VersionState[]>
  serviceAccounts: Record<string, unknown>
  services: Record<string, unknown>
}

/** A sandbox that stays while several command lines use it. */
export type HeldSandbox = {
  address: string
  project(id: string): Promise<ProjectState>
  requests(): Promise<RequestEntry[]>
  /** The requests that would have changed something, by method. */
  changes(): Promise<string[]>
}

/** Starts `breakglass sandbox SCENARIO` and waits for its address; it is stopped when the test file has ended. */
export async function holdSandbox(desk: Desk, scenario: string, options: string[] = []): Promise<HeldSandbox> {
  const child = spawn(process.execPath, [main, 'sandbox', scenario, ...options], {
    cwd: root,
    env: desk.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  atTheEnd(() => {
    child.kill('SIGTERM')
    return ended
  })
  const trouble = text(child.stderr)
  const address = await new Promise<string>((resolve, reject) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      printed += piece
      const found = /^export BREAKGLASS_SANDBOX='(.+)'$/m.exec(printed)?.[1]
      if (found) resolve(found)
    })
    child.on('close', async () => reject(new Error(`the sandbox did not start: ${await trouble}`)))
  })
  const get = async (path: string) => (await fetch(`${address}/sandbox/${path}`)).json()
  const requests = async () => (await get('requests')) as RequestEntry[]
  return {
    address,
    project: async (id) => (await get('state')).projects[id],
    requests,
    changes: async () =>
      (await requests()).filter(({ mutating }) => mutating).map(({ service, rpc }) => `${service}.${rpc}`),
  }
}
