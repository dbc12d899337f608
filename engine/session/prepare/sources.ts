import { relative } from 'node:path'
import type { Workspace } from '../../disk/workspace.ts'
import type { PlanSource } from '../../plan/types.ts'
import type { Ready } from './prepare.ts'

/** Returns the files that a plan was made from, in the order in which to read them again. */
export function sourcesOf({ runbooks, gates, inventory, workspace }: Omit<Ready, 'empty'>): PlanSource[] {
  const source = (
    what: PlanSource['what'],
    { file, digest, value }: (typeof runbooks | (typeof inventory)[])[number],
  ): PlanSource => ({ what, name: value.name, path: pathIn(workspace, file), digest })
  return [
    ...runbooks.map((runbook) => source('runbook', runbook)),
    ...gates.map((gate) => source('gate', gate)),
    source('inventory', inventory),
  ]
}

/** Returns a path relative to the workspace's folder: the same on every machine that has a copy of it. */
export const pathIn = ({ root }: Workspace, path: string): string => relative(root, path) || '.'
