import { join } from 'node:path'
import type { Readiness } from '../../base/readiness.ts'
import type { Installed } from '../find.ts'
import { lookAtWarmSdk } from './sdk.ts'
import { startWarm, type Warm } from './warm.ts'

/** What decides whether gcloud is kept warm, and what it is kept warm with. */
export type WarmHost = {
  platform: string
  packageFolder: string
  environment: Record<string, string>
  /** The commands that are to be expected, by their words. */
  commands: string[][]
  /** Whether the person wants none. */
  cold: boolean
  endGroup(pid: number): void
}

/** Starts a warm gcloud where that can be trusted to do what the plain one does; elsewhere says why not. */
export function keepWarm(installed: Installed, host: WarmHost): Warm {
  if (host.cold) return noWarm('--cold was given')
  const sdk = lookAtWarmSdk(installed, host.platform)
  if ('cold' in sdk) return noWarm(sdk.cold)
  const { environment, commands, endGroup } = host
  const program = join(host.packageFolder, 'engine', 'gcloud', 'warm', 'warm.py')
  return startWarm({ launcher: sdk.launcher, program, version: installed.version, environment, commands, endGroup })
}

const noWarm = (why: string): Warm => ({ run: async () => undefined, whyCold: async () => why, close: async () => {} })

/** Whether commands will run in a warm gcloud; that they don't is slow and nothing worse. */
export async function lookAtWarm(warm: Warm): Promise<Readiness> {
  const why = await warm.whyCold()
  if (why === undefined)
    return { name: 'warm gcloud', status: 'ok', message: 'gcloud is loaded once and copied for each command' }
  return { name: 'warm gcloud', status: 'warning', message: `gcloud is started anew for each command: ${why}` }
}
