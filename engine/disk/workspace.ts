import { existsSync, realpathSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { UserError } from '../base/problem.ts'
import { suggestName } from '../base/suggest.ts'

/** A team's folder: it contains `runbooks/` and the logs of its incidents. Paths are absolute. */
export type Workspace = { root: string; runbooks: string; scenarios: string; inventory: string; logs: string }

/** Returns the workspace at a folder, or the nearest one upward. Throws UserError if there is none. */
export function findWorkspace(cwd: string, given: string | undefined): Workspace {
  if (given !== undefined) {
    const root = resolve(cwd, given)
    if (isFolder(join(root, 'runbooks'))) return workspaceAt(root)
    throw new UserError(
      `${given} is not a workspace: it has no folder runbooks/`,
      'name a folder that has one with --workspace DIR',
    )
  }
  const nearest = nearestWorkspace(cwd)
  if (nearest) return nearest
  throw new UserError(
    'there is no workspace here: no folder runbooks/ in this folder or above it',
    'go to your workspace, name it with --workspace DIR, or make one with `breakglass init`',
  )
}

/** Returns the nearest workspace upward of a folder, if there is one. Throws UserError if strangers could have created it. */
export function nearestWorkspace(cwd: string): Workspace | undefined {
  const found = workspaceAround(cwd)
  if (found) refuseStrangers(found, cwd)
  return found
}

/** Returns the nearest workspace upward of a folder, whoever owns it: only to read what it lists. */
export function workspaceAround(cwd: string): Workspace | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isFolder(join(folder, 'runbooks'))) return workspaceAt(folder)
    if (dirname(folder) === folder) return undefined
  }
}

/**
 * Refuses a workspace that nobody named and that belongs to somebody else: its scripts would run as the person. It may belong
 * to the person, to root, or to the owner of the current folder, as a checkout in CI does.
 */
function refuseStrangers({ root, runbooks }: Workspace, cwd: string): void {
  const own = userInfo().uid
  if (own < 0) return
  const { uid, mode } = statSync(runbooks)
  const here = statSync(cwd, { throwIfNoEntry: false })
  const isKnown = uid === own || uid === 0 || uid === here?.uid
  const wrong = !isKnown
    ? 'belongs to another user'
    : (mode & 0o002) !== 0
      ? 'can be written to by every user'
      : undefined
  if (wrong === undefined) return
  throw new UserError(
    `the workspace ${root} was found from ${cwd}, and its folder runbooks/ ${wrong}`,
    `if you trust what is in it, name it: --workspace ${root}`,
  )
}

/** Returns the workspace at a folder; its logs may be elsewhere. */
export const workspaceAt = (root: string, logs = join(root, 'logs')): Workspace => ({
  root,
  logs,
  runbooks: join(root, 'runbooks'),
  scenarios: join(root, 'runbooks', 'scenarios'),
  inventory: join(root, 'runbooks', 'inventory.yaml'),
})

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Returns the runbook files of a workspace, by name: all YAML files in `runbooks/` except the inventory. */
export async function runbookFiles(workspace: Workspace): Promise<string[]> {
  return (await yamlFiles(workspace.runbooks)).filter((file) => file !== workspace.inventory)
}

/**
 * Returns the runbooks that a workspace lists and contains: files that are, by their real path, in its own folder `runbooks/`.
 * A link that leads elsewhere doesn't count.
 */
export const ownRunbooks = async (workspace: Workspace): Promise<string[]> =>
  (await runbookFiles(workspace)).filter((file) => isOwn(workspace, file))

/** Returns whether a file is, by its real path, in the workspace's own folder `runbooks/`. */
export const isOwn = (workspace: Workspace, file: string): boolean =>
  realPath(workspace.runbooks) === join(realPath(workspace.root), 'runbooks') && isListed(workspace, file)

/** Returns whether a file is, by its real path, in the workspace's `runbooks/`, which may itself be a link. */
export const isListed = ({ runbooks }: Workspace, file: string): boolean =>
  dirname(realPath(file)) === realPath(runbooks)

/** Returns the checkout that contains a folder: the folder itself or the nearest parent with `.git`. */
export function checkoutAround(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  return dirname(folder) === folder ? undefined : checkoutAround(dirname(folder))
}

/** Returns the real path of a file; empty if there is none. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return ''
  }
}

/** Returns the scenario files of a workspace. */
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
      throw new UserError(
        `${basename(first)} and ${basename(second)} in ${folder} have the same name, ${name}`,
        'keep one of them, or rename it',
      )
  return files
}

const isYaml = (name: string): boolean => /\.ya?ml$/.test(name)

/** Returns the file that a name or path on the command line means: a path as it is, a name among the files. Throws UserError. */
export function resolveFile(what: 'runbook' | 'scenario', given: string, files: string[], cwd: string): string {
  if (isYaml(given) || given.includes('/') || isAbsolute(given)) return resolve(cwd, given)
  const found = files.find((file) => nameOf(file) === given)
  if (found) return found
  if (existsSync(resolve(cwd, given))) return resolve(cwd, given)
  const names = files.map(nameOf)
  const meant = suggestName(given, names)
  throw new UserError(
    `there is no ${what} \`${given}\``,
    meant ? `did you mean \`${meant}\`?` : `there are: ${names.join(', ') || 'none'}`,
  )
}

/** Returns a file's name without folder and extension. */
export const nameOf = (file: string): string => basename(file).replace(/\.ya?ml$/, '')

/** Returns a path for messages: relative to the current folder if that is shorter. */
export function shownPath(path: string, cwd: string): string {
  const shown = relative(cwd, path)
  return shown.startsWith('../../..') || shown === '' ? path : shown
}
