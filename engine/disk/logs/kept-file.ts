import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { UserError } from '../../base/problem.ts'
import { isOwnOrRoot } from '../../programs/own-user.ts'
import { describeTrouble, exitCodeOfTrouble } from '../fs-errors.ts'
import { kindOf, openRegular, readOpened } from '../regular-file.ts'

/** A file under a folder of logs: where it is, the folder of logs, and what it is called. */
export type KeptFile = { path: string; logs: string; what: string }

/** That what lies under a name is nothing that the engine would have put there. */
export class Refused extends UserError {}

/** The largest that a file other than the log may be: 64 MiB. */
const LIMIT = 64 * 1024 * 1024

/**
 * Opens a file under the logs; undefined where there is none. It is opened only if it is a regular file in real folders,
 * all of them ours or root's and none for everybody to write to: whoever else could put a file there could have it
 * believed. Throws UserError.
 */
export function openKept(kept: KeptFile, flags = constants.O_RDONLY): number | undefined {
  const { path } = kept
  checkFolders(dirname(path), kept.logs)
  const found = inspect(path, kept)
  if (found === undefined && (flags & constants.O_CREAT) === 0) return undefined
  if (found !== undefined) refuse(kept, flawOf(found) ?? flawOfWritten(found, flags))
  try {
    return openRegular(path, flags, false)
  } catch (error) {
    throw unreadable(kept, error)
  }
}

/** Reads a file under the logs; undefined where there is none. Throws UserError. */
export function readKept(kept: KeptFile, limit = LIMIT): Buffer | undefined {
  const file = openKept(kept)
  if (file === undefined) return undefined
  try {
    return readOpened(file, limit)
  } catch (error) {
    throw unreadable(kept, error)
  }
}

/** Makes the name under which a file is written before it gets its own. */
const scratchName = (name: string): string => `.${name}.${randomBytes(6).toString('hex')}`

/** Whether a name is one that a write which was cut off has left: nobody ever read what is in it. */
export const isScratch = (name: string): boolean => /^\..+\.[0-9a-f]{12}$/.test(name)

/** Writes a file under the logs in one move, mode 0600, on disk when this returns: there is always a whole one. Throws UserError. */
export function replaceKept(kept: KeptFile, content: string | Uint8Array): void {
  const { path } = kept
  checkFolders(dirname(path), kept.logs)
  const found = inspect(path, kept)
  if (found !== undefined) refuse(kept, flawOf(found))
  const scratch = join(dirname(path), scratchName(basename(path)))
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const file = openSync(scratch, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(scratch, path)
  } catch (error) {
    rmSync(scratch, { force: true })
    throw new UserError(
      `the ${kept.what} ${path} can't be written: ${describeTrouble(error)}`,
      'check the folder and its permissions',
      exitCodeOfTrouble(error),
    )
  }
}

/** Writes a file under the logs that is never changed again: where it is there with other bytes, those stay. Throws UserError. */
export function addKept(kept: KeptFile, content: string | Uint8Array): void {
  const there = readKept(kept)
  if (there?.equals(Buffer.from(content))) return
  if (there === undefined) {
    replaceKept(kept, content)
    return
  }
  throw new UserError(
    `the ${kept.what} ${kept.path} was there before, with other bytes, and is left as it is`,
    'find out who put it there',
    1,
  )
}

/** Has a folder's entries on disk when it returns: a new file is only there for good then. */
export function syncFolder(folder: string): void {
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** Returns the names in a folder under the logs, without what a write that was cut off has left; none where there is no such folder. Throws UserError. */
export function listKept(folder: string, logs: string): string[] {
  checkFolders(folder, logs)
  try {
    return readdirSync(folder)
      .filter((name) => !isScratch(name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unreadable({ path: folder, what: 'folder' }, error)
  }
}

/** Returns the names of the folders in the folder of logs that may be an incident's; anything but a file or folder of such a name is refused. Throws UserError. */
export function listFolders(logs: string, named: RegExp): string[] {
  checkFolders(logs, logs)
  const found = readdirSync(logs, { withFileTypes: true }).filter((entry) => !entry.isFile() && named.test(entry.name))
  for (const entry of found) refuse({ path: join(logs, entry.name), what: 'entry' }, flawOfKind(entry))
  return found.map(({ name }) => name)
}

/** Refuses a folder under the logs, or one on the way to it, that isn't a real folder of ours. Throws UserError. */
export function checkFolders(folder: string, logs: string): void {
  const root = inspect(logs, { path: logs, logs, what: 'folder' })
  const shared = root && (root.mode & 0o1002) === 0o002 ? 'it can be written to by everybody' : undefined
  if (root) refuse({ path: logs, what: 'folder of logs' }, flawOfKind(root) ?? shared)
  let path = logs
  for (const name of relative(logs, folder).split(sep).filter(Boolean)) {
    path = join(path, name)
    const kept = { path, logs, what: 'folder' }
    const found = inspect(path, kept)
    if (found === undefined) return
    refuse(kept, flawOf(found))
  }
}

/** Says why what lies under a name isn't believed; undefined where it is a file or folder of ours. */
function flawOf(found: Stats): string | undefined {
  const flaw = flawOfKind(found)
  if (flaw !== undefined) return flaw
  if (!isOwnOrRoot(found.uid)) return `it belongs to somebody else (user ${found.uid})`
  return (found.mode & 0o002) === 0 ? undefined : 'it can be written to by everybody'
}

const flawOfKind = (found: Parameters<typeof kindOf>[0]): string | undefined =>
  found.isFile() || found.isDirectory() ? undefined : `it is ${kindOf(found)}, and only files and folders belong there`

/** What is written to a file with a second name is written elsewhere too. */
const flawOfWritten = (found: Stats, flags: number): string | undefined =>
  (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0 && found.nlink > 1
    ? 'it has another name as well (a hard link), and would be changed there too'
    : undefined

function inspect(path: string, kept: KeptFile): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw unreadable(kept, error)
  }
}

/** Refuses something under the logs, if there is anything wrong with it. Throws UserError. */
function refuse({ path, what }: Pick<KeptFile, 'path' | 'what'>, flaw: string | undefined): void {
  if (flaw === undefined) return
  throw new Refused(
    `the ${what} ${path} is refused: ${flaw}`,
    'find out who put it there, then move it away or give it its owner and mode back; nothing was changed',
    1,
  )
}

/** Says that something that is there can't be read, and why. */
export const unreadable = ({ path, what }: Pick<KeptFile, 'path' | 'what'>, error: unknown): UserError =>
  new UserError(
    `the ${what} ${path} can't be read: ${describeTrouble(error)}`,
    'check the file, its folder and their permissions',
    exitCodeOfTrouble(error),
  )
