import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { own } from '../../base/own.ts'
import { suggest } from '../../base/suggest.ts'
import { nameOf, runbookFiles, workspaceAround } from '../../disk/workspace.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import { diagnose, type Finding, type Path } from '../../runbook/lint/findings.ts'
import type { Runbook } from '../../runbook/types.ts'
import { parseDocument } from '../../runbook/yaml/document.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { lintBound } from './bound.ts'
import type { ReadFile } from './files.ts'

/** Finds references that lead nowhere, and arguments that the inventory binds to values that a run refuses. */
export async function lintReferences(read: ReadFile[]): Promise<Diagnostic[]> {
  const names = runbookNames(read)
  const inventoryOf = readInventories(read)
  const found: Diagnostic[] = []
  for (const file of read) {
    const findings = await findingsOf(file, read, names, inventoryOf)
    if (findings.length === 0) continue
    const parsed = parseDocument(file.source)
    if (parsed.ok) found.push(...diagnose(parsed.document, findings))
  }
  return found
}

/** Lists the runbooks that a file may name. */
type Names = (file: string) => Promise<string[]>

/** Returns the inventory that binds a file's runbooks. */
type InventoryOf = (file: string) => Inventory | undefined

async function findingsOf(
  file: ReadFile,
  read: ReadFile[],
  names: Names,
  inventoryOf: InventoryOf,
): Promise<Finding[]> {
  switch (file.kind) {
    case 'Runbook': {
      const inventory = inventoryOf(file.file)
      return [
        ...lintRunbook(file.value, await names(file.file)),
        ...(inventory ? lintBound(file.value, inventory) : []),
      ]
    }
    case 'Scenario':
      return lintScenario(file.value, file.file, read, await names(file.file))
    case 'Inventory':
      return []
  }
}

/** Returns a lookup of the inventory of a file's workspace, if it was read; each folder is searched once. */
function readInventories(read: ReadFile[]): InventoryOf {
  const folders = new Map<string, Inventory | undefined>()
  return (file) => {
    const folder = dirname(file)
    if (!folders.has(folder)) {
      const wanted = workspaceAround(folder)?.inventory
      const found = read.find((other) => other.kind === 'Inventory' && other.file === wanted)
      folders.set(folder, found?.kind === 'Inventory' ? found.value : undefined)
    }
    return folders.get(folder)
  }
}

/** Returns a lookup of the runbooks of a file's workspace and of those read with it; each folder is searched once. */
function runbookNames(read: ReadFile[]): Names {
  const given = read.flatMap((other) => (other.kind === 'Runbook' ? [nameOf(other.file), other.value.name] : []))
  const folders = new Map<string, Promise<string[]>>()
  const search = async (folder: string) => {
    const workspace = workspaceAround(folder)
    const there = workspace ? (await runbookFiles(workspace)).map(nameOf) : []
    return [...new Set([...there, ...given])]
  }
  return (file) => {
    const folder = dirname(file)
    const names = folders.get(folder) ?? search(folder)
    folders.set(folder, names)
    return names
  }
}

function lintRunbook({ name, steps, verify }: Runbook, names: string[]): Finding[] {
  return (
    [
      ['steps', steps],
      ['verify', verify],
    ] as const
  ).flatMap(([part, all]) =>
    all.flatMap((step, index) =>
      step.kind === 'gate'
        ? unknown(
            [part, index, 'gate', 'runbook'],
            'runbook',
            step.gate.runbook,
            names.filter((other) => other !== name),
          )
        : [],
    ),
  )
}

function lintScenario(scenario: Scenario, file: string, read: ReadFile[], names: string[]): Finding[] {
  const { inventory, rehearsal } = scenario
  if (inventory !== undefined && !existsSync(resolve(dirname(file), inventory)))
    return [
      {
        path: ['inventory'],
        message: `there is no file \`${inventory}\``,
        hint: 'the path is relative to the scenario',
      },
    ]
  if (!rehearsal) return []
  const runbooks = rehearsal.runbooks.flatMap((name, index) =>
    unknown(['rehearsal', 'runbooks', index], 'runbook', nameOf(name), names),
  )
  const inputs = lintInputs(Object.keys(rehearsal.inputs ?? {}), rehearsal.runbooks, read)
  const wanted = inventory === undefined ? undefined : resolve(dirname(file), inventory)
  const found = read.find((other) => other.kind === 'Inventory' && other.file === wanted)
  const environments = found ? (found.value as Inventory).environments : undefined
  return [
    ...runbooks,
    ...inputs,
    ...(environments === undefined ? [] : lintEnvironment(scenario, environments, rehearsal.environment)),
  ]
}

/** Finds unknown inputs, if every runbook of the rehearsal was read. */
function lintInputs(given: string[], names: string[], read: ReadFile[]): Finding[] {
  const files = names.flatMap((name) =>
    read.flatMap((file) => (file.kind === 'Runbook' && nameOf(file.file) === nameOf(name) ? [file.value] : [])),
  )
  if (files.length < names.length) return []
  const known = files.flatMap(({ inputs }) => Object.keys(inputs))
  return given.flatMap((name) =>
    unknown(['rehearsal', 'inputs', name], 'input', name, known).map((finding): Finding => ({ ...finding, on: 'key' })),
  )
}

function lintEnvironment(scenario: Scenario, environments: Inventory['environments'], name: string): Finding[] {
  const lost = unknown(['rehearsal', 'environment'], 'environment', name, Object.keys(environments))
  const project = own(environments, name)?.project
  if (project === undefined || Object.hasOwn(scenario.projects, project)) return lost
  const message = `the environment's project \`${project}\` is not in this scenario`
  return [
    { path: ['rehearsal', 'environment'], message, hint: 'add the project to `projects`, or name another environment' },
  ]
}

function unknown(path: Path, what: string, name: string, known: string[]): Finding[] {
  if (known.includes(name)) return []
  const meant = suggest(name, known)
  const hint = meant ? `did you mean \`${meant}\`?` : `there are: ${known.join(', ') || 'none'}`
  return [{ path, message: `there is no ${what} \`${name}\``, hint }]
}
