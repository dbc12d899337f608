import { join } from 'node:path'
import type { Readiness } from '../../base/readiness.ts'
import type { Installed } from '../find.ts'
import { checkWarmSdk } from './sdk.ts'
import { startWarm, type Warm } from './warm.ts'

/** What decides whether gcloud is kept warm, and what that needs. */
export type WarmHost = {
  platform: string
  packageFolder: string
  environment: Record<string, string>
  /** The expected commands, as arguments. */
  commands: string[][]
  /** Whether the user asked for none (`--cold`). */
  cold: boolean
  endGroup(pid: number): void
}

/** Starts a warm gcloud if it is known to behave like a new process; otherwise reports why not. */
export function keepWarm(installed: Installed, host: WarmHost): Warm {
  if (host.cold) return noWarm('--cold was given')
  const sdk = checkWarmSdk(installed, host.platform)
  if ('cold' in sdk) return noWarm(sdk.cold)
  const { environment, commands, endGroup } = host
  const program = join(host.packageFolder, 'engine', 'gcloud', 'warm', 'warm.py')
  return startWarm({ launcher: sdk.launcher, program, version: installed.version, environment, commands, endGroup })
}

const noWarm = (why: string): Warm => ({ run: async () => undefined, whyCold: async () => why, close: async () => {} })

/** Checks whether commands run in a warm gcloud; without one they are only slower. */
export async function checkWarm(warm: Warm): Promise<Readiness> {
  const why = await warm.whyCold()
  if (why === undefined) return { name: 'warm gcloud', status: 'ok', message: 'gcloud stays loaded between commands' }
  return { name: 'warm gcloud', status: 'warning', message: `gcloud loads again for each command: ${why}` }
}
