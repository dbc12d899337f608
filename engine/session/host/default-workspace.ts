import { resolve } from 'node:path'
import { findWorkspace, nearestWorkspace, type Workspace, workspaceAt } from '../../disk/workspace.ts'
import { simulated } from './ambient-sandbox.ts'
import type { Runtime } from './runtime.ts'

/**
 * The workspace here or, where there is none, the one that comes with Breakglass, which is said on stderr.
 * Only for commands that can't reach the real world: an example's inventory has no business there.
 */
export function workspaceOrShipped(given: string | undefined, runtime: Runtime): Workspace {
  const here = given === undefined ? nearestWorkspace(runtime.cwd) : findWorkspace(runtime.cwd, given)
  if (here) return here
  runtime.err(
    'There is no workspace here, so this uses the runbooks that come with Breakglass; `breakglass init` makes one of your own.',
  )
  return shippedWorkspace(resolve(runtime.cwd, 'logs'), runtime)
}

/** The workspace for a command that looks at a cloud: the shipped one only where that cloud is simulated. */
export const workspaceFor = (
  { workspace, sandbox }: { workspace?: string; sandbox?: string },
  runtime: Runtime,
): Workspace =>
  simulated(sandbox, runtime) ? workspaceOrShipped(workspace, runtime) : findWorkspace(runtime.cwd, workspace)

/** The package's own folder as a workspace, with logs elsewhere: the package itself is never written to. */
export const shippedWorkspace = (logs: string, runtime: Runtime): Workspace => workspaceAt(runtime.packageFolder, logs)
