import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Installed } from '../find.ts'
import { KNOWN } from '../preflight/sdk.ts'

/** The launcher of an SDK that can be kept warm, or why it can't. */
export type WarmSdk = { launcher: string } | { cold: string }

/** Checks whether this is an SDK with known internals on a system where forking a loaded gcloud is safe. */
export function checkWarmSdk({ path, version }: Installed, platform: string): WarmSdk {
  if (platform !== 'linux') return { cold: 'a loaded gcloud can be forked safely only on Linux' }
  if (!KNOWN.includes(version.split('.')[0] ?? '')) return { cold: `gcloud ${version} is not a tested version` }
  const launcher = launcherOf(path)
  return launcher === undefined ? { cold: `the gcloud at ${path} has an unknown layout` } : { launcher }
}

/** Returns gcloud's own launcher if a path leads to it and its program is in the expected place. */
function launcherOf(path: string): string | undefined {
  try {
    const launcher = realpathSync(path)
    const root = dirname(dirname(launcher))
    return launcher === join(root, 'bin', 'gcloud') && existsSync(join(root, 'lib', 'gcloud.py')) ? launcher : undefined
  } catch {
    return undefined
  }
}
