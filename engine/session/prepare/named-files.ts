import { resolve } from 'node:path'
import { readSource } from '../../disk/read-source.ts'
import { isOwn, ownRunbooks, type Workspace } from '../../disk/workspace.ts'
import type { PlanChange } from '../../plan/changes.ts'
import type { PlanSource } from '../../plan/types.ts'
import { digestOf, resolveEach } from '../host/load.ts'
import type { Runtime } from '../host/runtime.ts'
import { pathIn } from './sources.ts'

/** The files that a person names on the command line, beside a log or a saved plan. */
export type NamedByPerson = { runbooks: string[]; inventory?: string }

/** The files that a log or a saved plan was made from, as they are here, and how they differ from what it says. */
export type FoundFiles = { runbooks: string[]; inventory: string; changes: PlanChange[] }

/**
 * Finds the files that a log or a saved plan names. A path in it is never opened: it is only compared with the paths of
 * what the workspace itself lists and of what the person names. `own` is the inventory that the sandbox brings along.
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
  runbook: 'there is no such file among the runbooks of the workspace',
  gate: 'there is no such file among the runbooks of the workspace',
  inventory: 'there is no such file in the workspace',
}

/** The digest of a file's text, or why it can't be read. */
function digestIn(file: string): string {
  const found = readSource(file, file)
  return found.ok ? digestOf(found.source) : (found.diagnostics[0]?.message ?? 'it cannot be read')
}
