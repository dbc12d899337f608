import { resolve } from 'node:path'
import { findWorkspace, nearestWorkspace } from '../../disk/workspace.ts'
import type { CommonOptions } from './options.ts'
import type { Runtime } from './runtime.ts'

/** Returns the folder of the incident logs: `--logs`, else `logs/` in the workspace, else `logs/` here, where a rehearsal without a workspace writes. */
export function logsFolder(options: CommonOptions, runtime: Runtime): string {
  if (options.logs !== undefined) return resolve(runtime.cwd, options.logs)
  const here =
    options.workspace === undefined ? nearestWorkspace(runtime.cwd) : findWorkspace(runtime.cwd, options.workspace)
  return here?.logs ?? resolve(runtime.cwd, 'logs')
}
