import { resolve } from 'node:path'
import { readSource } from '../../disk/read-source.ts'
import { isOwn, ownRunbooks, type Workspace } from '../../disk/workspace.ts'
import type { PlanChange } from '../../plan/changes.ts'
import type { PlanSource } from '../../plan/types.ts'
import { digestOf, resolveEach } from '../host/load.ts'
import type { Runtime } from '../host/runtime.ts'
import { pathIn } from './sources.ts'

/** The files that a person names on the command line, in addition to a log or a saved plan. */
export type NamedByPerson = { runbooks: string[]; inventory?: string }

/** The files that a log or a saved plan was made from, as found here, and how they differ. */
export type FoundFiles = { runbooks: string[]; inventory: string; changes: PlanChange[] }

/**
 * Finds the files that a log or a saved plan names. It never opens a path from there: it only compares it with the paths that
 * the workspace lists and the person names. `own` is the sandbox's own inventory.
 */
export async function findNamedFiles(
  sources: PlanSource[],
  named: NamedByPerson,
  own: string | undefined,
  workspace: Workspace,
  { cwd }: Runtime,
): Promise<FoundFiles> {
  const listed = await ownRunbooks(workspace)
  const given = resolveEach('runbook', named.runbooks, listed, cwd)
  const inventory = named.inventory === undefined ? (own ?? workspace.inventory) : resolve(cwd, named.inventory)
  const isKnown = inventory !== workspace.inventory || named.inventory !== undefined || isOwn(workspace, inventory)
  const find = (source: PlanSource): string | undefined =>
    source.what === 'inventory'
      ? isKnown
        ? inventory
        : undefined
      : (given.find((file) => digestIn(file) === source.digest) ??
        [...given, ...listed].find((file) => pathIn(workspace, file) === source.path))
  const found = sources.map((source) => ({ source, file: find(source) }))
  return {
    runbooks: found.flatMap(({ source: { what }, file }) => (what === 'runbook' && file !== undefined ? [file] : [])),
    inventory,
    changes: found.flatMap(({ source, file }) => changeOf(source, file, workspace)),
  }
}

function changeOf(source: PlanSource, file: string | undefined, workspace: Workspace): PlanChange[] {
  const { what, name, path, digest } = source
  const is = file === undefined ? UNLISTED[what] : digestIn(file)
  if (is === digest) return []
  const here = file === undefined ? path : pathIn(workspace, file)
  return [{ what: `${what} ${name} (${here === path ? path : `${path}, here ${here}`})`, was: digest, is }]
}

const UNLISTED = {
  runbook: "not among the workspace's runbooks",
  gate: "not among the workspace's runbooks",
  inventory: 'not in the workspace',
}

/** Returns the digest of a file's text, or why it can't be read. */
function digestIn(file: string): string {
  const found = readSource(file, file)
  return found.ok ? digestOf(found.source) : (found.diagnostics[0]?.message ?? 'it cannot be read')
}
