import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, normalize } from 'node:path'
import { isOwnOrRoot } from './own-user.ts'

/** Finds a program on a PATH, in its trusted folders only; returns its absolute path. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  for (const folder of foldersOf(path).filter(isTrusted)) {
    const candidate = join(folder, name)
    try {
      if (!statSync(candidate).isFile()) continue
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {}
  }
  return undefined
}

/** Returns a PATH with its trusted folders only: what the engine's own children search. */
export const trustedPath = (path: string | undefined): string => foldersOf(path).filter(isTrusted).join(delimiter)

/** Returns the entries of a PATH that are never searched, each once. */
export const untrustedFolders = (path: string | undefined): string[] => [
  ...new Set(foldersOf(path).filter((folder) => !isTrusted(folder))),
]

const foldersOf = (path = ''): string[] => (path === '' ? [] : path.split(delimiter))

/**
 * Returns whether a folder on a PATH is the person's or the system's: a relative one depends on the current folder, /proc and
 * /dev lead to that too, and anybody can put a program into a shared one such as /tmp.
 */
function isTrusted(folder: string): boolean {
  if (!isAbsolute(folder) || /^\/(proc|dev)(\/|$)/.test(normalize(folder))) return false
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined || (found.mode & 0o002) === 0) return true
  // Build machines keep their tools in world-writable folders that belong to one person.
  const isShared = (found.mode & 0o1000) !== 0 || !isOwnOrRoot(found.uid)
  return !isShared
}
