import { resolve } from 'node:path'
import { findWorkspace, nearestWorkspace } from '../../disk/workspace.ts'
import type { CommonOptions } from './options.ts'
import type { Outside } from './runtime.ts'

/** Where incidents are kept: `--logs`, else `logs/` in the workspace, else the `logs/` that a rehearsal without one left here. */
export function logsFolder(options: CommonOptions, outside: Outside): string {
  if (options.logs !== undefined) return resolve(outside.cwd, options.logs)
  const here =
    options.workspace === undefined ? nearestWorkspace(outside.cwd) : findWorkspace(outside.cwd, options.workspace)
  return here?.logs ?? resolve(outside.cwd, 'logs')
}
