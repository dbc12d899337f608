import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { Problem } from '../runbook/problem.ts'
import { suggest } from '../runbook/suggest.ts'

/** A team's folder: the one that has `runbooks/`, and where its incidents are logged. Paths are absolute. */
export type Workspace = { root: string; runbooks: string; scenarios: string; inventory: string; logs: string }

/** The workspace at a folder, or the nearest one upward of it. Throws Problem where there is none. */
export function findWorkspace(cwd: string, given: string | undefined): Workspace {
  if (given !== undefined) {
    const root = resolve(cwd, given)
    if (isFolder(join(root, 'runbooks'))) return workspaceAt(root)
    throw new Problem(
      `${given} is not a workspace: it has no folder runbooks/`,
      'name a folder that has one with --workspace DIR',
    )
  }
  const nearest = nearestWorkspace(cwd)
  if (nearest) return nearest
  throw new Problem(
    'there is no workspace here: no folder runbooks/ in this folder or above it',
    'go to your workspace, name it with --workspace DIR, or make one with `breakglass init`',
  )
}

/** The nearest workspace upward of a folder, if there is one. */
export function nearestWorkspace(cwd: string): Workspace | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isFolder(join(folder, 'runbooks'))) return workspaceAt(folder)
    if (dirname(folder) === folder) return undefined
  }
}

/** The workspace that a folder is; its logs may be elsewhere. */
export const workspaceAt = (root: string, logs = join(root, 'logs')): Workspace => ({
  root,
  logs,
  runbooks: join(root, 'runbooks'),
  scenarios: join(root, 'runbooks', 'scenarios'),
  inventory: join(root, 'runbooks', 'inventory.yaml'),
})

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** The runbook files of a workspace, by name: all YAML files in `runbooks/` but the inventory. */
export async function runbookFiles(workspace: Workspace): Promise<string[]> {
  return (await yamlFiles(workspace.runbooks)).filter((file) => file !== workspace.inventory)
}

/** The scenario files of a workspace. */
export const scenarioFiles = (workspace: Workspace): Promise<string[]> => yamlFiles(workspace.scenarios)

async function yamlFiles(folder: string): Promise<string[]> {
  if (!isFolder(folder)) return []
  const names = await readdir(folder)
  const files = names
    .filter(isYaml)
    .sort()
    .map((name) => join(folder, name))
  for (const [name, [first = '', second]] of Map.groupBy(files, nameOf))
    if (second !== undefined)
      throw new Problem(
        `${basename(first)} and ${basename(second)} in ${folder} have the same name, ${name}`,
        'keep one of them, or rename it',
      )
  return files
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name)

/** The file that a name or path on the command line means: a path as it is, a name among the files. Throws Problem. */
export function resolveFile(what: 'runbook' | 'scenario', given: string, files: string[], cwd: string): string {
  if (isYaml(given) || given.includes('/') || isAbsolute(given)) return resolve(cwd, given)
  const found = files.find((file) => nameOf(file) === given)
  if (found) return found
  if (existsSync(resolve(cwd, given))) return resolve(cwd, given)
  const names = files.map(nameOf)
  const meant = suggest(given, names)
  throw new Problem(
    `there is no ${what} \`${given}\``,
    meant ? `did you mean \`${meant}\`?` : `there are: ${names.join(', ') || 'none'}`,
  )
}

/** A file's name without folder and ending. */
export const nameOf = (file: string): string => basename(file).replace(/\.ya?ml$/, '')

/** A path as a person wants to see it: relative to where they are, where that is shorter. */
export function shownPath(path: string, cwd: string): string {
  const shown = relative(cwd, path)
  return shown.startsWith('../../..') || shown === '' ? path : shown
}
