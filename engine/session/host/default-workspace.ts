import { resolve } from 'node:path'
import { findWorkspace, nearestWorkspace, type Workspace, workspaceAt } from '../../disk/workspace.ts'
import { simulated } from './ambient-sandbox.ts'
import type { Runtime } from './runtime.ts'

/**
 * Returns the workspace here, else the one that comes with Breakglass, and reports that on stderr. Only for commands that
 * can't reach the real cloud, where the shipped inventory must never be used.
 */
export function workspaceOrShipped(given: string | undefined, runtime: Runtime): Workspace {
  const here = given === undefined ? nearestWorkspace(runtime.cwd) : findWorkspace(runtime.cwd, given)
  if (here) return here
  runtime.err(
    'No workspace here: using the runbooks that come with Breakglass. To create your own, run `breakglass init`.',
  )
  return shippedWorkspace(resolve(runtime.cwd, 'logs'), runtime)
}

/** Returns the workspace for a command that reads a cloud: the shipped one only in a sandbox. */
export const workspaceFor = (
  { workspace, sandbox }: { workspace?: string; sandbox?: string },
  runtime: Runtime,
): Workspace =>
  simulated(sandbox, runtime) ? workspaceOrShipped(workspace, runtime) : findWorkspace(runtime.cwd, workspace)

/** Returns the package's folder as a workspace with logs elsewhere, since nothing is written to the package. */
export const shippedWorkspace = (logs: string, runtime: Runtime): Workspace => workspaceAt(runtime.packageFolder, logs)
