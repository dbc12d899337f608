import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import type { Source } from '../../base/source.ts'
import { readSource } from '../../disk/read-source.ts'
import {
  isListed,
  nameOf,
  resolveFile,
  runbookFiles,
  scenarioFiles,
  shownPath,
  type Workspace,
} from '../../disk/workspace.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import { readInventory } from '../../runbook/read-inventory.ts'
import { readRunbook } from '../../runbook/read-runbook.ts'
import type { Reading } from '../../runbook/reader.ts'
import type { Runbook } from '../../runbook/types.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { readScenario } from '../../sandbox/scenario/read-scenario.ts'

/** A file that was read: its value, the SHA-256 of its text, and its source under the name that messages use. */
export type Loaded<T> = { file: string; value: T; digest: string; source: Source }

/** Reports files that are not valid: every problem in them, and their texts for the code frames. */
export class InvalidFiles extends Error {
  readonly diagnostics: Diagnostic[]
  readonly sources: Source[]
  constructor(diagnostics: Diagnostic[], sources: Source[]) {
    super(`${[...new Set(diagnostics.map(({ file }) => file))].join(', ')}: not valid`)
    this.diagnostics = diagnostics
    this.sources = sources
  }
}

/** Reads one file with a reader. Throws InvalidFiles. */
export async function load<T>(file: string, cwd: string, read: (source: Source) => Reading<T>): Promise<Loaded<T>> {
  const found = readSource(file, shownPath(file, cwd))
  if (!found.ok) throw new InvalidFiles(found.diagnostics, [])
  const reading = read(found.source)
  if (!reading.ok) throw new InvalidFiles(reading.diagnostics, [found.source])
  return {
    file,
    value: reading.value,
    digest: digestOf(found.source),
    source: found.source,
  }
}

/** Returns the SHA-256 of a file's text. */
export const digestOf = ({ text }: Source): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Loads runbooks by name or path. Throws InvalidFiles with the problems of all, and UserError. */
export async function loadRunbooks(given: string[], workspace: Workspace, cwd: string): Promise<Loaded<Runbook>[]> {
  const files = await runbookFiles(workspace)
  return loadFiles(resolveEach('runbook', given, files, cwd), cwd)
}

/** Resolves names or paths to files, each once, in order. Throws UserError. */
export function resolveEach(kind: 'runbook' | 'scenario', given: string[], files: string[], cwd: string): string[] {
  return [...new Set(given.map((name) => resolveFile(kind, name, files, cwd)))]
}

async function loadFiles(files: string[], cwd: string): Promise<Loaded<Runbook>[]> {
  const loaded = await loadAll(files.map((file) => () => load(file, cwd, readRunbook)))
  refuseSameName(loaded, cwd)
  return loaded
}

/** Refuses runbooks with the same name, which log and record could not tell apart. */
function refuseSameName(loaded: Loaded<Runbook>[], cwd: string): void {
  for (const [name, same] of Map.groupBy(loaded, ({ value }) => value.name)) {
    if (same.length > 1)
      throw new UserError(
        `these are all called \`${name}\`: ${same.map(({ file }) => shownPath(file, cwd)).join(', ')}`,
        'name only one of them, or rename the others',
      )
  }
}

/** Loads the runbooks that gates name, transitively, by name; all are the workspace's own. */
export async function loadGates(
  runbooks: Loaded<Runbook>[],
  workspace: Workspace,
  cwd: string,
): Promise<Map<string, Loaded<Runbook>>> {
  const files = await runbookFiles(workspace)
  const gates = new Map<string, Loaded<Runbook>>()
  const asked = new Set<string>()
  for (let from = runbooks; from.length > 0; ) {
    const names = from.flatMap(({ value }) => gatesIn(value)).filter((name) => !asked.has(name))
    for (const name of names) asked.add(name)
    from = await loadFiles(
      names.map((name) => ownFile(name, 'a gate', files, workspace)),
      cwd,
    )
    for (const gate of from) gates.set(gate.value.name, gate)
  }
  return gates
}

/** Refuses a scenario that names a runbook outside the workspace, since a scenario may come from anywhere. Throws UserError. */
export async function refuseForeignRunbooks(names: string[], workspace: Workspace): Promise<void> {
  const files = await runbookFiles(workspace)
  for (const name of names) ownFile(name, 'the scenario', files, workspace)
}

/** Returns the workspace's file that a gate or a scenario names; since nobody typed that name, no other file is accepted. Throws UserError. */
function ownFile(name: string, by: string, files: string[], workspace: Workspace): string {
  const file = files.find((each) => nameOf(each) === name)
  if (file === undefined)
    throw new UserError(
      `there is no runbook \`${printable(name)}\`, which ${by} names`,
      `there are: ${files.map(nameOf).join(', ')}`,
    )
  if (isListed(workspace, file)) return file
  throw new UserError(
    `the runbook \`${name}\`, which ${by} names, is not in the workspace: ${file} leads elsewhere`,
    `copy the file into runbooks/: ${by} runs only what the workspace holds itself`,
  )
}

const gatesIn = ({ steps, verify }: Runbook): string[] =>
  [...steps, ...verify].flatMap((step) => (step.kind === 'gate' ? [step.gate.runbook] : []))

/** Loads several files. Throws the problems of all at once. */
export async function loadAll<T>(loads: (() => Promise<Loaded<T>>)[]): Promise<Loaded<T>[]> {
  const results = await Promise.allSettled(loads.map((one) => one()))
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const other = failed.find((reason) => !(reason instanceof InvalidFiles))
  if (other) throw other
  const invalid = failed as InvalidFiles[]
  if (invalid.length > 0)
    throw new InvalidFiles(
      invalid.flatMap(({ diagnostics }) => diagnostics),
      invalid.flatMap(({ sources }) => sources),
    )
  return results.map((result) => (result as PromiseFulfilledResult<Loaded<T>>).value)
}

/** Loads the inventory: the given one, else the sandbox's own, else the workspace's. */
export const loadInventory = (
  given: string | undefined,
  sandboxOwn: string | undefined,
  workspace: Workspace,
  cwd: string,
): Promise<Loaded<Inventory>> =>
  load(given === undefined ? (sandboxOwn ?? workspace.inventory) : resolve(cwd, given), cwd, readInventory)

/** Loads a scenario by name or path. */
export async function loadScenario(given: string, workspace: Workspace, cwd: string): Promise<Loaded<Scenario>> {
  return load(resolveFile('scenario', given, await scenarioFiles(workspace), cwd), cwd, readScenario)
}
